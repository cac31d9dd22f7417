"""A bundle with everything open: what the gates look at that compute."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pocketrag.formats.golden import GOLDEN, Golden, read_golden
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest
from pocketrag.runtime.rag import Rag


@dataclass(frozen=True)
class Opened:
    """A bundle with everything open."""

    bundle: Path
    manifest: Manifest
    rag: Rag
    golden: Golden

    @cached_property
    def vectors(self) -> np.ndarray:
        """The golden texts embedded now, float32 [n, dims]."""
        return np.stack([self.rag.embedder.embed_ids(text.ids) for text in self.golden.texts])


def open_all(bundle: Path, manifest: Manifest) -> Opened:
    """Open model, tokenizer, database and golden file.

    Raises:
        InputError: one of them can't be opened, or model and database don't belong together.

    """
    rag = Rag(
        bundle, manifest.embedder, {manifest.name: (bundle / DATABASE, manifest.model_id)}, manifest.fusion
    )
    return Opened(bundle, manifest, rag, read_golden(bundle / GOLDEN))
