"""A fixed sample of a list, the same in every stage."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def spread(items: list[T], count: int) -> list[T]:
    """Return `count` items evenly spread over the list, the first included (all, where there are fewer)."""
    if len(items) <= count:
        return list(items)
    return [items[i * len(items) // count] for i in range(count)]
