"""The words of a corpus as FTS5 cuts them, in how many passages each stands, and their stems.

The tables `words` and `stems`.

A question's words are looked up there, by SQL, so the app needs no stemmer and can't disagree with this one.
Stems are Snowball's (https://snowballstem.org), of the word with its accents, which the algorithms need; an
index without accents then keeps the stem of the commonest spelling, and questions typed without accents find
it too.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import apsw

from pocketrag.formats.data.beir import Passage
from pocketrag.recipe.languages import STEMMERS

from .folding import folded, spaced

#: `remove_diacritics` as in `schema.sql`, and the same cuts without folding accents.
FOLDING, KEEPING = "2", "0"
#: What belongs to words, as in `schema.sql`.
CATEGORIES = "L* N* Co Mn Mc"
#: FTS5 keeps so many bytes of a word (FTS5_MAX_TOKEN_SIZE, in fts5Int.h).
LONGEST = 32_768
Stem = Callable[[str], str]


@dataclass(frozen=True)
class Words:
    """What full text is built from beside the passages."""

    counts: dict[str, int]
    """Folded word -> passages in which it stands."""
    stem_of: dict[str, str] = field(default_factory=dict)
    """Folded word -> folded stem; empty where the database has no stems."""
    extra: dict[str, str] = field(default_factory=dict)
    """The same for words that no passage has."""

    @property
    def stems(self) -> bool:
        """Whether there are any."""
        return bool(self.stem_of)


def cut(text: str) -> list[str]:
    """Return the words of a text as FTS5 cuts and folds them."""
    return _tokens(folded(text), FOLDING)


def count_words(passages: Sequence[Passage]) -> Words:
    """Return the words of the passages, without stems."""
    return Words(_count(set(cut(p.title)) | set(cut(p.text)) for p in passages))


def with_stems(passages: Sequence[Passage], stem: Stem, others: Iterable[str] = ()) -> Words:
    """Return the words of the passages and their stems.

    Args:
        passages: in any order; the result does not depend on it.
        stem: of one lower-case word, accents kept.
        others: words that a question may have; those whose stem the passages have are kept.

    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for p in passages:
        for part in (p.title, p.text):
            for word, kept in zip(cut(part), _spelled(part), strict=True):
                spellings[word][kept] += 1
    # The commonest spelling decides, of equals the first by alphabet.
    usual = {
        word: min(found.items(), key=lambda item: (-item[1], item[0]))[0] for word, found in spellings.items()
    }
    stem_of = {word: _stemmed(stem(kept), word) for word, kept in sorted(usual.items())}
    return Words(count_words(passages).counts, stem_of, _extra(others, stem, stem_of))


def stems_of(text: str, words: Words) -> str:
    """Return what the column `stems` holds of a text of the passages: every word's stem, in order."""
    return " ".join(words.stem_of[word] for word in cut(text)) if words.stems else ""


def rows(
    passages: Sequence[Passage], words: Words
) -> tuple[list[tuple[str, int, str | None]], list[tuple[str, int]]]:
    """Return the rows of the tables `words` and `stems`, by alphabet."""
    table = [(word, n, words.stem_of.get(word)) for word, n in words.counts.items()]
    table += [(word, 0, stem) for word, stem in words.extra.items()]
    counted = (
        _count({words.stem_of[w] for part in (p.title, p.text) for w in cut(part)} for p in passages)
        if words.stems
        else {}
    )
    return sorted(table), sorted(counted.items())


def stemmer(language: str) -> Stem:
    """Return Snowball's stemmer of a language (ISO 639-1, a key of `languages.STEMMERS`)."""
    import snowballstemmer

    found: Stem = snowballstemmer.stemmer(STEMMERS[language]).stemWord
    return found


def _extra(others: Iterable[str], stem: Stem, stem_of: dict[str, str]) -> dict[str, str]:
    known, found = set(stem_of.values()), {}
    for other in others:
        words, spelled = cut(other), _spelled(other)
        if len(words) == 1 and words[0] not in stem_of and words[0] not in found:
            stemmed = _stemmed(stem(spelled[0]), words[0])
            if stemmed in known:
                found[words[0]] = stemmed
    return found


def _count(sets: Iterable[set[str]]) -> dict[str, int]:
    return dict(Counter(word for one in sets for word in one))


def _spelled(text: str) -> list[str]:
    return [unicodedata.normalize("NFC", word) for word in _tokens(spaced(text), KEEPING)]


def _stemmed(stem: str, otherwise: str) -> str:
    # A stem is one word again; where it is none, or several, the word is its own stem.
    found = cut(stem)
    return found[0] if len(found) == 1 else otherwise


def _tokens(text: str, diacritics: str) -> list[str]:
    tokenizer = _tokenizer(diacritics)
    found = tokenizer(
        text.encode("utf-8"),
        apsw.FTS5_TOKENIZE_DOCUMENT,
        None,
        include_offsets=False,
        include_colocated=False,
    )
    return [_short(str(word)) for word in found]


def _short(word: str) -> str:
    return word if len(word) <= LONGEST // 4 else word.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")


@cache
def _tokenizer(diacritics: str) -> apsw.FTS5Tokenizer:
    return apsw.Connection(":memory:").fts5_tokenizer(
        "unicode61", ["remove_diacritics", diacritics, "categories", CATEGORIES]
    )
