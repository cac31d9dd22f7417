"""How often tokens come, and the weights that follow: what comes often says little.

Smooth inverse frequency, a / (a + p) of a token's probability p (Arora, Liang & Ma 2017,
https://openreview.net/forum?id=SyK00v5xx).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

#: Added to every token's count, so that one that the corpus lacks is merely rare.
UNSEEN = 0.1
#: Texts tokenized at once.
TEXTS = 1000


def weights(probabilities: np.ndarray, sif: float) -> np.ndarray:
    """Return the weight of every token, float32 [tokens], of its probability."""
    return (sif / (sif + probabilities)).astype(np.float32)


def by_rank(tokens: int) -> np.ndarray:
    """Return probabilities float64 [tokens] by Zipf's law, the token's id as its rank.

    As Model2Vec has it (`compute_weights`): vocabularies are listed by frequency, roughly.
    """
    inverse = 1 / np.arange(2, tokens + 2)
    return np.asarray(inverse / inverse.sum())


def by_corpus(tokenizer: Any, texts: Iterable[str], tokens: int) -> np.ndarray:  # noqa: ANN401
    """Return probabilities float64 [tokens], counted in texts."""
    counts, all_texts = np.full(tokens, UNSEEN), list(texts)
    for at in range(0, len(all_texts), TEXTS):
        for one in tokenizer.encode_batch(all_texts[at : at + TEXTS], add_special_tokens=False):
            np.add.at(counts, one.ids, 1)
    return np.asarray(counts / counts.sum())
