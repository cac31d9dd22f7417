"""What the free tier shows in place of an answer: the sentences that share most words with the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pocketrag.formats.facts.ask import Quote

from .folded import words
from .plain import SPACE, SPACES
from .prompt import Passage

#: At most so many, each of another passage.
MOST = 3
#: Where a sentence ends: at a line's end, behind an ideographic full stop, and behind a full stop with its
#: quotation marks and brackets, unless a small letter or a digit follows ("approx. ten", "Art. 5").
_END = re.compile(
    f"[.!?\u2026][\"'\u201d\u2019\xbb)\\]]*{SPACE}+(?!{SPACE}|[a-z0-9])|[\u3002\uff01\uff1f][\u300d\u300f\u201d]?|\n"
)


def quotes(question: str, passages: Sequence[Passage]) -> list[Quote]:
    """Return the best sentence of each of the first passages, most shared words first.

    Counted are the question's different words, as `words` has them; of equals comes the one whose passage
    stands higher, and in a passage the earlier sentence. Where no sentence shares a word, it is the first
    passage's first one.

    Args:
        question: any text.
        passages: (title, text), best first.

    """
    asked = set(words(question))
    found = [
        (-len(asked & set(words(sentence))), number, place, sentence)
        for number, (_, text) in enumerate(passages[:MOST], start=1)
        for place, sentence in enumerate(sentences(text))
    ]
    best = [min(row for row in found if row[1] == number) for number in sorted({row[1] for row in found})]
    shared = sorted(row for row in best if row[0] < 0) or best[:1]
    return [Quote(number=number, text=sentence) for _, number, _, sentence in shared]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order, each on one line."""
    ends = [0, *(end.end() for end in _END.finditer(text)), len(text)]
    parts = (SPACES.sub(" ", text[a:b]).strip(" ") for a, b in pairwise(ends))
    return [part for part in parts if part]
