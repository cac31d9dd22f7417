"""Vectors of an earlier stage that still hold: only a text that is new or changed is embedded again.

Right only where a vector is a function of its own text (or all texts are the same), and all else that decides
it is what it was (`pipeline.stage.StageSpec.reuse`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from pocketrag.console import status


def with_reused(
    texts: list[str],
    embed: Callable[[list[int]], np.ndarray],
    file: Path,
    earlier: Path | None,
    what: str = "passages",
    whole: bool = False,
) -> tuple[np.ndarray, dict[str, int]]:
    """Return the vectors of prompted texts, float32 [n, dims], with counts.

    Write beside which text each row is.

    The counts are of texts `embedded` and `reused`.

    Args:
        texts: in row order.
        embed: row numbers -> their vectors float32 [rows, dims].
        file: the `.npy` to which the caller saves the vectors; those of `earlier` lie there under the same
            name.
        earlier: the folder of a run in which all but the texts was the same, the processor too; None embeds
            all.
        what: the texts are, for the status line.
        whole: reuse all or none, where `embed` runs texts in batches, so that a vector depends on the others'
            texts a little.

    """
    wanted = digests(texts)
    known = _read(earlier / file.name) if earlier else {}
    if whole and list(known) != list(dict.fromkeys(wanted)):
        known = {}
    rows = missing(wanted, known)
    status(f"{len(rows):,} of {len(texts):,} {what} to embed")
    new: Iterable[np.ndarray] = embed(rows) if rows else []
    _listing(file).write_text("".join(f"{digest}\n" for digest in wanted), "utf-8")
    reused = sum(digest in known for digest in wanted)
    return joined(wanted, known, new), {"embedded": len(rows), "reused": reused}


def digests(texts: Iterable[str]) -> list[str]:
    """Return the SHA-256 of each text as 64 hex digits."""
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def missing(wanted: Sequence[str], known: Container[str]) -> list[int]:
    """Return the rows to embed, ascending: of each digest that is not known, the first."""
    first = {digest: row for row, digest in reversed([*enumerate(wanted)])}
    return sorted(row for digest, row in first.items() if digest not in known)


def joined(wanted: Sequence[str], known: Mapping[str, np.ndarray], new: Iterable[np.ndarray]) -> np.ndarray:
    """Return a row for each wanted digest, in order, float32 [n, dims].

    From the known ones and those of the `missing` rows.
    """
    fresh = dict(zip((wanted[row] for row in missing(wanted, known)), new, strict=True))
    return np.array([known[digest] if digest in known else fresh[digest] for digest in wanted], np.float32)


def _read(file: Path) -> dict[str, np.ndarray]:
    rows = _listing(file).read_text("utf-8").split()
    return dict(zip(rows, np.load(file, allow_pickle=False), strict=True))


def _listing(file: Path) -> Path:
    return file.with_suffix(".texts")
