"""Which passages go into a prompt: the best first, whole, as many as the budget holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pocketrag.formats.facts.search import Block

from ..answer import Answer, Hit
from ..rag import Rag
from .plain import SPACES

#: Says that a passage goes on.
CUT = " […]"

Count = Callable[[str], int]


def fitting(rag: Rag, answer: Answer, tokens: int) -> list[Block]:
    """Return what `Rag.context` does, or the best hit's beginning where nothing fits.

    The tokens are those of the embedder, which the phone counts too; a generator's differ a little.
    """
    blocks = rag.context(answer, tokens)
    if blocks or not answer.hits:
        return blocks
    return [_beginning(answer.hits[0], lambda text: len(rag.tokenize(text)), tokens)]


def _beginning(hit: Hit, count: Count, tokens: int) -> Block:
    letters = list(range(1, len(hit.text)))
    for title in (hit.title, "") if hit.title else ("",):
        for ends in (_words(hit.text), letters):
            if text := _longest(hit.text, ends, partial(_fits, count, tokens, title)):
                return _block(hit, title, text, count(f"{title}\n{text}"))
    return _block(hit, "", "", 0)


def _fits(count: Count, tokens: int, title: str, text: str) -> bool:
    return count(f"{title}\n{text}") <= tokens


def _longest(text: str, ends: list[int], fits: Callable[[str], bool]) -> str:
    """Return the longest beginning that fits, marked; empty where none does."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[: ends[middle - 1]] + CUT):
            low = middle
        else:
            high = middle - 1
    return text[: ends[low - 1]] + CUT if low else ""


def _words(text: str) -> list[int]:
    return [space.start() for space in SPACES.finditer(text) if space.start()]


def _block(hit: Hit, title: str, text: str, tokens: int) -> Block:
    return Block(hit.rank, hit.corpus, hit.source, title, text, (hit.id,), tokens)
