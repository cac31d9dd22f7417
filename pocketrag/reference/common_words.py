"""The commonest words of a language, and how often their tokens are to be expected."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable

from pocketrag.errors import InputError

Encode = Callable[[list[str]], list[list[int]]]


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


#: How a word of a list (lower case) is written, and how often so beside its plain form in a sentence. The
#: weights are estimates: with equal ones 1.9 times as many tokens of unseen questions fell back
#: (docs/trimming.md).
FORMS: tuple[tuple[Callable[[str], str], float], ...] = (
    (lambda word: f" {word}", 1.0),
    (lambda word: f" {word[:1].upper()}{word[1:]}", 0.1),
    (lambda word: word, 0.1),  # after an apostrophe or a hyphen
    (lambda word: f" {_bare(word)}", 0.03),  # typed without accents
    (lambda word: f"{word[:1].upper()}{word[1:]}", 0.01),  # at the very start, or after a bracket
    (lambda word: f" {word.upper()}", 0.01),
)


def word_tokens(encode: Encode, languages: tuple[str, ...], words: int) -> list[int]:
    """Return the tokens of the `words` commonest words of each language, the most frequent tokens first.

    A token's frequency is the sum of wordfreq's word frequencies (https://github.com/rspeer/wordfreq) over
    all words and forms that hold it; every language counts the same.

    Raises:
        InputError: wordfreq lacks a language.

    """
    found: Counter[int] = Counter()
    for language in languages:
        frequencies = _frequencies(language, words)
        for form, weight in FORMS:
            for ids, frequency in zip(
                encode([form(word) for word in frequencies]), frequencies.values(), strict=True
            ):
                for id_ in ids:
                    found[id_] += frequency * weight  # type: ignore[assignment]
    return sorted(found, key=lambda id_: (-found[id_], id_))


def common_words(language: str, words: int) -> list[str]:
    """Return the commonest words of a language, the most frequent first.

    None where wordfreq has no list of it.
    """
    import wordfreq

    return list(_frequencies(language, words)) if language in wordfreq.available_languages("best") else []


def _frequencies(language: str, words: int) -> dict[str, float]:
    import wordfreq

    known = wordfreq.available_languages("best")
    if language not in known:
        raise InputError(
            f"`trim.languages`: wordfreq has no {language!r}; it has {', '.join(sorted(known))}."
        )
    rows = wordfreq.get_frequency_dict(language, "best").items()
    return dict(sorted(rows, key=lambda row: (-row[1], row[0]))[:words])
