"""A bundle with everything open that one of its encoders needs: what the gates look at that compute."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pocketrag.formats.bundle_encoder import Encoder
from pocketrag.formats.golden import TOP, Golden, read_golden
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest
from pocketrag.runtime.rag import Rag


@dataclass(frozen=True)
class Opened:
    """A bundle with one encoder, its golden texts and the database open."""

    bundle: Path
    manifest: Manifest
    encoder: Encoder
    rag: Rag
    """Of this encoder alone."""
    golden: Golden

    @cached_property
    def vectors(self) -> np.ndarray:
        """The golden texts embedded now, float32 [n, dims]."""
        return np.stack([self.rag.embedder.embed_ids(text.ids) for text in self.golden.texts])

    def overlap(self, vector: np.ndarray, reference: np.ndarray) -> float:
        """Return the share of the first passages of a question's reference vector that another one finds.

        Both float [dims]; one that is no direction finds none.
        """
        wanted = {id_ for id_, _ in self.rag.nearest(reference, TOP)}
        usable = bool(np.isfinite(vector).all() and vector.any())
        found = {id_ for id_, _ in self.rag.nearest(vector, TOP)} if usable else set()
        return len(wanted & found) / len(wanted)


def open_encoder(bundle: Path, manifest: Manifest, encoder: Encoder) -> Opened:
    """Open model, tokenizer and golden file of an encoder, and the database.

    Raises:
        InputError: one of them can't be opened, or model and database don't belong together.

    """
    rag = Rag(bundle, [encoder], {manifest.name: (bundle / DATABASE, manifest.vectors_model_id)})
    try:
        return Opened(bundle, manifest, encoder, rag, read_golden(bundle / encoder.golden))
    except BaseException:
        rag.close()
        raise
