"""Passages longer than a model takes: never cut unless the recipe says so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import numpy as np

from pocketrag.errors import InputError
from pocketrag.tokens import fit

LongPassages = Literal["fail", "cut", "split"]
EmbedIds = Callable[[list[int]], np.ndarray]


def refuse(policy: LongPassages, corpus: object, counts: dict[str, int], longest: int) -> int:
    """Return how many passages (id -> token count) exceed `longest` tokens.

    Raises:
        InputError: some do, and the policy is "fail".

    """
    over = {id_: count for id_, count in counts.items() if count > longest}
    if over and policy == "fail":
        id_, count = next(iter(over.items()))
        raise InputError(
            f"{corpus}: {len(over)} passages exceed the {longest} tokens of the model that embeds them, such as {id_!r} with "
            f'{count}. Shorten them, or set `export.long_passages` to "split" (the mean of the parts\' vectors) or "cut".'
        )
    return len(over)


def embed(ids: list[int], longest: int, policy: LongPassages, embed_ids: EmbedIds) -> np.ndarray:
    """Embed token ids of any count as a unit vector float32 [dims]: whole, cut, or as the mean of their parts' vectors."""
    if len(ids) <= longest or policy != "split":
        return embed_ids(fit(ids, longest))
    mean = np.mean([embed_ids(part) for part in parts(ids, longest)], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def parts(ids: list[int], longest: int) -> list[list[int]]:
    """Return `ids` in as few and as equal parts of at most `longest` tokens as can be, each with the same first and last token."""
    body, room = ids[1:-1], longest - 2
    count = -(-len(body) // room)
    bounds = [i * len(body) // count for i in range(count + 1)]
    return [[ids[0], *body[low:high], ids[-1]] for low, high in pairwise(bounds)]
