"""Principal components of a table of vectors: the directions in which its rows differ most."""

from __future__ import annotations

import numpy as np

#: Rows at once: in float64 they would double a large table.
BLOCK = 8192


def reduce(vectors: np.ndarray, rows: np.ndarray, dims: int) -> tuple[np.ndarray, float]:
    """Return float32 [tokens, dims] and the share of the variance that is kept.

    Mean and directions are those of the rows named, int [n]; other rows come out zero. Signs are such that
    the entry of largest magnitude in each column is positive, so that equal vectors give equal bytes.

    Principal component analysis by the eigenvectors of the covariance (Jolliffe 2002, chapter 3), in float64.
    """
    mean = _sum(vectors, rows) / len(rows)
    values, directions = np.linalg.eigh(_covariance(vectors, rows, mean))
    kept = directions[:, ::-1][:, :dims]
    reduced = np.zeros((len(vectors), dims), np.float32)
    for part in _blocks(rows):
        reduced[part] = (vectors[part] - mean) @ kept
    largest = reduced[np.abs(reduced).argmax(0), np.arange(dims)]
    reduced *= np.where(largest < 0, -1, 1).astype(np.float32)
    whole = values.clip(min=0).sum()
    return reduced, float(values[::-1][:dims].clip(min=0).sum() / whole) if whole > 0 else 1.0


def _sum(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.asarray(sum(vectors[part].sum(0, dtype=np.float64) for part in _blocks(rows)))


def _covariance(vectors: np.ndarray, rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    covariance = np.zeros((vectors.shape[1],) * 2)
    for part in _blocks(rows):
        centred = vectors[part] - mean
        covariance += centred.T @ centred
    return covariance / max(1, len(rows) - 1)


def _blocks(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[at : at + BLOCK] for at in range(0, len(rows), BLOCK)]
