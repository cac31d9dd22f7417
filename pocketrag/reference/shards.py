"""Vectors that outlive an interrupted run: embedded in shards, and a shard that is there is read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.console import bar, status
from pocketrag.formats import files


@dataclass(frozen=True)
class Shards:
    """A folder of them, of one model: `Job.checkpoints`, which another key empties."""

    folder: Path
    processor: str
    """Another one's vectors are rounded otherwise."""
    size: int
    """Texts that an interrupted run loses at most."""

    def embed(self, texts: list[str], encode: Callable[[list[str]], np.ndarray], what: str) -> np.ndarray:
        """Return the vectors of prompted texts, float32 [n, dims].

        Args:
            texts: at least one.
            encode: of one shard's texts, float32 [n, dims].
            what: is done, for the bar.

        """
        found = []
        with bar(len(texts), what) as advance:
            for start in range(0, len(texts), self.size):
                found.append(self._shard(texts[start : start + self.size], encode))
                advance(len(found[-1]))
        return np.concatenate(found)

    def _shard(self, texts: list[str], encode: Callable[[list[str]], np.ndarray]) -> np.ndarray:
        # By what it is of: without the earlier stage, or on another processor, other texts are embedded.
        file = self.folder / f"{files.digest_of([self.processor, *texts])}.npy"
        if (found := _read(file, len(texts))) is not None:
            return found
        vectors = np.asarray(encode(texts), np.float32)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as stream:
            np.save(stream, vectors)
        digest = files.sha256(Path(stream.name))
        Path(stream.name).replace(file)
        files.write_atomic(file.with_suffix(".sha256"), digest + "\n")
        return vectors


def _read(file: Path, rows: int) -> np.ndarray | None:
    """Return a shard's vectors; None where there are none, or not those that were written."""
    if not file.is_file():
        return None
    digest = file.with_suffix(".sha256")
    if not digest.is_file() or digest.read_text("utf-8").strip() != files.sha256(file):
        status(f"{file}: damaged; embedded again")
        return None
    found = np.asarray(np.load(file, allow_pickle=False), np.float32)
    return found if len(found) == rows else None
