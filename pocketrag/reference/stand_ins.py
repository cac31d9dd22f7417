"""What is asked of a corpus without questions: its passages' own titles and first sentences.

They try the machinery (tokens, vectors, rankings, model against model). How good the answers are they can't
say: a passage's own words find it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pocketrag.formats.data.beir import Passage
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

#: As many at most; more than any stage asks.
MOST = 1000
#: Words, and letters for scripts without spaces: a question's length.
WORDS, LETTERS = 24, 120
#: Where a sentence ends: a full stop before a space, so that 6.11.4 is none; that of Chinese, Hindi or Arabic
#: anywhere.
SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？।؟۔።])|\n+")


def questions_of(recipe: Recipe) -> list[str]:
    """Return the texts of a recipe's questions, or, where it has none, those that stand in for them.

    Raises:
        InputError: a file can't be read.

    """
    if recipe.data.has_questions:
        return [q.text for q in recipe.data.questions()]
    return stand_ins(recipe.data.passages())


def stand_ins(passages: Sequence[Passage]) -> list[str]:
    """Return distinct titles and first sentences, of up to `MOST` / 2 evenly spread passages.

    >>> stand_ins([Passage("a", "Clock", "See 6.11. It rings."), Passage("b", "", "時計。鳴る。")])
    ['Clock', 'See 6.11.', '時計。']
    """
    chosen = spread(list(passages), MOST // 2)
    texts = [_short(text) for p in chosen for text in (p.title, first_sentence(p.text))]
    return list(dict.fromkeys(text for text in texts if text))


def first_sentence(text: str) -> str:
    """Return a text's first sentence."""
    return SENTENCE.split(text.strip(), maxsplit=1)[0]


def _short(text: str) -> str:
    return " ".join(text.split()[:WORDS])[:LETTERS].strip()
