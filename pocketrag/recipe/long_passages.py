"""Passages longer than a model takes: never cut unless the recipe says so."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.tokenizer import fit

LongPassages = Literal["fail", "cut", "split"]


def refuse(policy: LongPassages, corpus: object, counts: dict[str, int], longest: int) -> int:
    """Return how many passages (id -> token count) exceed `longest` tokens.

    Raises:
        InputError: some do, and the policy is "fail".

    """
    over = {id_: count for id_, count in counts.items() if count > longest}
    if over and policy == "fail":
        id_, count = next(iter(over.items()))
        raise InputError(
            f"{corpus}: {len(over)} passages exceed the {longest} tokens of the model that embeds them, "
            f"such as {id_!r} with "
            f'{count}. Shorten them, or set `export.long_passages` to "split" (the mean of the parts\' '
            'vectors) or "cut".'
        )
    return len(over)


def joined(vectors: list[np.ndarray]) -> np.ndarray:
    """Return the unit vector float32 [dims] of a passage from those of its pieces.

    Their mean, at unit length again.
    """
    if len(vectors) == 1:
        return vectors[0]
    mean = np.mean(vectors, axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def pieces(ids: list[int], longest: int, policy: LongPassages) -> list[list[int]]:
    """Return what is embedded of `ids`, at most `longest` tokens each.

    All, their beginning, or equal parts that hold everything.

    Parts are as few as can be, and each has the first and the last token, which are special.
    """
    if len(ids) <= longest or policy != "split":
        return [fit(ids, longest)]
    body, room = ids[1:-1], longest - 2
    count = -(-len(body) // room)
    bounds = [i * len(body) // count for i in range(count + 1)]
    return [[ids[0], *body[low:high], ids[-1]] for low, high in pairwise(bounds)]
