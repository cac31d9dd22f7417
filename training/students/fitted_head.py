"""A linear map behind an embedder that brings its vectors near the teacher's: where a small network starts.

What a few layers make of a text lies elsewhere than what all of them make of it, and so do the vectors of
another model; the best map between both is known in closed form before a step is trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pocketrag.console import status
from pocketrag.reference import float_model
from pocketrag.reference.save_model import save_like

from .fit_network import divided
from .lesson import Material

if TYPE_CHECKING:
    from torch.nn import Module

#: Of the own vectors' mean variance in a direction, summed over the texts. Their length is no measure: most
#: of it may be one direction that all of them share.
RIDGE = 1e-3
#: Least penalty: vectors that are all alike have no variance.
LEAST = 1e-6


def fit_head(material: Material, longest: int, folder: Path, out: Path) -> None:
    """Write the embedder in `folder` to the folder `out`, with a map behind it into its teacher's space.

    Its own dense layers stay; the map is fitted on the texts that teach, and none that choose a checkpoint.

    Args:
        material: what the student learns from.
        longest: tokens at which texts are cut.
        folder: the embedder, as a SentenceTransformer.
        out: the folder to write.

    """
    from sentence_transformers import SentenceTransformer
    from transformers import set_seed

    seed = material.settings.seed
    set_seed(seed)  # some have no pooler, which is filled at random and never used
    model = float_model.load_float(folder, longest)
    rows, _ = divided(material, seed)
    texts = [material.tokens.prompts.ask(material.texts[row]) for row in rows]
    status(f"{material.name}: fitting its start to {len(texts):,} texts")
    matrix = fitted_map(float_model.encode(model, texts), material.taught[rows])
    modules = [module for module in model if type(module).__name__ != "Normalize"]
    save_like(SentenceTransformer(modules=[*modules, *_head(matrix)]), folder, out)


def fitted_map(own: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """Return W float32 [dims, own dims] that minimises |own Wᵀ - taught|² + penalty |W|².

    What comes of it is brought to unit length, so it does as well for vectors of any length.

    Args:
        own: the start's vectors of n texts, float32 [n, own dims], unit length.
        taught: the teacher's, float32 [n, dims].

    """
    vectors = own.astype(np.float64)
    gram, width = vectors.T @ vectors, own.shape[1]
    penalty = max(RIDGE * np.square(vectors - vectors.mean(0)).sum() / width, LEAST)
    found = np.linalg.solve(gram + penalty * np.eye(width), vectors.T @ taught.astype(np.float64))
    return np.ascontiguousarray(found.T, np.float32)


def _head(matrix: np.ndarray) -> list[Module]:
    import torch
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize

    out, own = matrix.shape
    weight = torch.from_numpy(matrix)
    dense = Dense(own, out, bias=False, activation_function=torch.nn.Identity(), init_weight=weight)
    return [dense, Normalize()]
