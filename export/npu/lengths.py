"""Which lengths an NPU file has where the recipe does not say."""

from __future__ import annotations

from collections.abc import Sequence

#: Share of the questions that fit. The rest is the CPU file's.
SHARE = 0.95


def lengths_for(tokens: Sequence[int], lengths: Sequence[int]) -> tuple[int, ...]:
    """Return the shortest of `lengths` that holds 95 % of the questions, or the longest where none does.

    One only: contexts share no weights, so a further length makes the file larger by the whole model.

    Args:
        tokens: of each question, prompt and special tokens counted.
        lengths: the model's, rising.

    """
    wanted = next((n for n in lengths if fitting(tokens, n) >= SHARE), lengths[-1])
    return (wanted,)


def fitting(tokens: Sequence[int], length: int) -> float:
    """Return the share of the questions that fit a length."""
    return sum(n <= length for n in tokens) / len(tokens)
