"""Can the embedder read the texts? Unknown tokens, and tokens a word, by the script of their letters."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.tokenizer import clean, whole_tokenizer
from pocketrag.sampling import spread

#: Texts that are counted, evenly spread over a file that has more.
SAMPLE = 5_000
#: A script with fewer of the letters is a name or two in other texts, and not what they are written in.
LEAST_SHARE = 0.05
#: Letters of a script that may be unknown. all-MiniLM-L6-v2 knows all letters of Latin, Cyrillic, Greek,
#: Arabic and Hebrew texts; of Thai it lacks 100 %, of Han 63 to 100, of Hangul 19 to 30, of Devanagari 10
#: to 22.
MOST_UNKNOWN = 0.1
#: Different texts that may look alike to the embedder: those that differ by case, accents or spaces do.
MOST_ALIKE = 0.2
#: Names of `unicodedata` that are not the script's.
SCRIPTS = {"CJK": "Han", "KATAKANA-HIRAGANA": "Katakana"}


@dataclass
class Counts:
    """Of one script: letters, how many of them stand in unknown tokens, and tokens."""

    letters: int = 0
    unknown: int = 0
    tokens: int = 0


@dataclass
class Reading:
    """What a tokenizer makes of texts."""

    texts: int = 0
    words: int = 0
    """Between blanks."""
    tokens: int = 0
    """Without the special ones."""
    alike: int = 0
    """Texts whose token ids are those of a different text before them."""
    scripts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    @property
    def faults(self) -> list[str]:
        """Return what the embedder is blind to, in words; empty where it reads the texts."""
        all_letters = sum(one.letters for one in self.scripts.values())
        blind = [
            f"{one.unknown / one.letters:.0%} of the {name} letters are unknown to it"
            for name, one in self.common()
            if one.letters >= LEAST_SHARE * all_letters and one.unknown > MOST_UNKNOWN * one.letters
        ]
        if self.alike > MOST_ALIKE * self.texts:
            blind.append(f"{self.alike} of {self.texts} different texts give the same tokens as another")
        return blind

    def common(self) -> Iterator[tuple[str, Counts]]:
        """Yield the scripts, that with the most letters first."""
        yield from sorted(self.scripts.items(), key=lambda row: (-row[1].letters, row[0]))

    def __str__(self) -> str:
        """Say it in words: tokens a word, and letters a token and unknown letters of each script."""
        rows = [
            f"{name} {one.letters / max(1, one.tokens):.1f} letters a token, "
            f"{one.unknown / one.letters:.1%} unknown"
            for name, one in self.common()
        ]
        a_word = f"{self.tokens / max(1, self.words):.1f} tokens a word"
        return f"{a_word} in {self.texts} texts ({'; '.join(rows[:4]) or 'no letters'})"


def read_texts(folder: Path, texts: Sequence[str]) -> Reading:
    """Count what an embedder's tokenizer makes of texts, of a sample of `SAMPLE` where there are more.

    Raises:
        InputError: `tokenizer.json` can't be read.

    """
    tokenizer, unknown = _load(folder / "tokenizer.json")
    chosen = list(dict.fromkeys(clean(text) for text in spread(list(texts), SAMPLE)))
    reading, seen = Reading(texts=len(chosen)), set[tuple[int, ...]]()
    for text, encoded in zip(chosen, tokenizer.encode_batch(chosen, add_special_tokens=False), strict=True):
        reading.words += len(text.split())
        reading.tokens += len(encoded.ids)
        reading.alike += tuple(encoded.ids) in seen
        seen.add(tuple(encoded.ids))
        for id_, (start, end) in zip(encoded.ids, encoded.offsets, strict=True):
            _count(reading, text[start:end], id_ == unknown)
    return reading


def count_tokens(folder: Path, texts: Sequence[str]) -> list[int]:
    """Return how many tokens each text has, special ones included, by the tokenizer of an embedder's folder.

    Raises:
        InputError: `tokenizer.json` can't be read.

    """
    tokenizer, _ = _load(folder / "tokenizer.json")
    counts: list[int] = []
    for at in range(0, len(texts), SAMPLE):
        counts += map(len, tokenizer.encode_batch([clean(text) for text in texts[at : at + SAMPLE]]))
    return counts


def _count(reading: Reading, piece: str, unknown: bool) -> None:
    found = Counter(script(letter) for letter in piece if letter.isalpha())
    for name, letters in found.items():
        reading.scripts[name].letters += letters
        reading.scripts[name].unknown += letters * unknown
    if found:
        reading.scripts[found.most_common(1)[0][0]].tokens += 1


@cache
def script(letter: str) -> str:
    """Return the script of a letter by the first word of its Unicode name, such as Latin, Han or Thai.

    >>> [script(letter) for letter in "éжไ中かｱ"]
    ['Latin', 'Cyrillic', 'Thai', 'Han', 'Hiragana', 'Katakana']
    """
    # Full-width and half-width forms, ligatures: the letters that they stand for.
    plain = unicodedata.normalize("NFKC", letter)[:1]
    word = unicodedata.name(plain, "OTHER").split()[0]
    return SCRIPTS.get(word, word.capitalize())


def _load(file: Path) -> tuple[Any, int | None]:
    try:
        tokenizer, model = whole_tokenizer(file), files.read_json(file)["model"]
    except InputError:
        raise
    except Exception as error:  # tokenizers raises bare Exception
        raise InputError(f"{file}: not a readable tokenizer.json ({error}).") from error
    named = model.get("unk_token")
    return tokenizer, model.get("unk_id") if named is None else tokenizer.token_to_id(named)
