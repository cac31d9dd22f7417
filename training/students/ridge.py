"""Ridge regression from a text's tokens to the teacher's vector of it: where a static student starts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, cg

from pocketrag.console import progress

from .token_table import TokenTable

#: Of the squared length of what is learned beside the teacher's token vectors. A weaker one finds more alone,
#: but knows the texts by heart, and the training after it has nothing left to learn from them
#: (docs/students.md).
PENALTY = 1.0
#: Residual at which conjugate gradients stop, as a share of the right side: some 40 steps.
ENOUGH = 1e-3


def fitted_rows(table: TokenTable, texts: Sequence[Sequence[int]], taught: np.ndarray) -> np.ndarray:
    """Return rows float32 [tokens, dims], ordered as `table.tokens`; their sum points to a text's vector.

    A text is the mean of its tokens, weighted by rarity. The rows E minimise |X E + mean − Y|² +
    `PENALTY` |E − E₀|² (Hoerl & Kennard 1970), where E₀ are the teacher's own vectors of the tokens at the
    scale that fits best: rare tokens stay near them.

    Args:
        table: the tokens that have a row.
        texts: token ids of n texts.
        taught: the teacher's vectors of them, float32 [n, dims], unit length.

    """
    bags, mean = _bags(table, texts), taught.mean(0)
    prior = table.vectors * _scale(bags @ table.vectors, taught - mean)
    found = prior + _solved(bags, taught - mean - bags @ prior)
    return np.asarray(table.weights[:, None] * (found + mean), np.float32)


def _bags(table: TokenTable, texts: Sequence[Sequence[int]]) -> csr_matrix:
    column = {token: number for number, token in enumerate(table.tokens)}
    rows = [[column[token] for token in text if token in column] for text in texts]
    lengths = [len(row) for row in rows]
    places = np.array([number for row in rows for number in row], np.int64)
    weights, of = table.weights[places], np.repeat(np.arange(len(rows)), lengths)
    shares = weights / np.maximum(np.bincount(of, weights, len(rows)), 1e-9)[of]
    return csr_matrix((shares.astype(np.float32), (of, places)), shape=(len(rows), len(column)))


def _scale(ours: np.ndarray, wanted: np.ndarray) -> float:
    return float((ours * wanted).sum() / max(float((ours * ours).sum()), 1e-12))


def _solved(bags: csr_matrix, wanted: np.ndarray) -> np.ndarray:
    """Solve (Xᵀ X + penalty) E = Xᵀ Y a column at a time, by its diagonal preconditioned."""
    turned, size = bags.T.tocsr(), bags.shape[1]
    diagonal = np.asarray(bags.multiply(bags).sum(0)).ravel() + PENALTY
    system = LinearOperator((size, size), lambda x: turned @ (bags @ x) + PENALTY * x, dtype=np.float32)
    nearly = LinearOperator((size, size), lambda x: x / diagonal, dtype=np.float32)
    right = turned @ wanted
    columns = [
        cg(system, right[:, n], rtol=ENOUGH, M=nearly)[0]
        for n in progress(range(right.shape[1]), "Fitting the token table")
    ]
    return np.stack(columns, 1).astype(np.float32)
