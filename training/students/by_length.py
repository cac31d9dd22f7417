"""Batches of texts that are about equally long: padding is computed like text, and thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from sentence_transformers.base.sampler import DefaultBatchSampler

#: Batches that are sorted together: more would put the same texts side by side in every epoch.
TOGETHER = 16


class ByLength(DefaultBatchSampler):  # type: ignore[misc, unused-ignore]
    """Shuffled texts, sorted by length within `TOGETHER` batches, and the batches shuffled.

    Seed and epoch decide all of it, so that a training that goes on sees what it would have seen.
    """

    def __init__(self, dataset: Any, batch_size: int, drop_last: bool, **more: Any) -> None:  # noqa: ANN401
        """Take a dataset with a column `text`; of what is left over by whole batches nothing is given."""
        super().__init__(dataset, batch_size=batch_size, drop_last=drop_last, **more)
        self.lengths = [len(text) for text in dataset["text"]]

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        return len(self.lengths) // self.batch_size

    def __iter__(self) -> Iterator[list[int]]:
        """Give the rows of each batch."""
        chance = torch.Generator().manual_seed(self.seed + self.epoch)
        size, count = self.batch_size, len(self)
        order = torch.randperm(len(self.lengths), generator=chance).tolist()[: count * size]
        batches = []
        for at in range(0, count * size, size * TOGETHER):
            part = sorted(order[at : at + size * TOGETHER], key=self.lengths.__getitem__)
            batches += [part[start : start + size] for start in range(0, len(part), size)]
        yield from (batches[number] for number in torch.randperm(count, generator=chance).tolist())
