"""What is compared: SentenceTransformer folders, Model2Vec folders, and the embedders of bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.embedder.embedder_folder import defaults_of, locate
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import MODEL
from pocketrag.formats.manifest import MANIFEST, Manifest
from pocketrag.formats.prompts import Prompts
from pocketrag.reference import float_model
from pocketrag.reference.model2vec import StaticModel, is_static
from pocketrag.runtime.embedder import LiteRtEmbedder


@dataclass(frozen=True)
class Opened:
    """A model that embeds."""

    name: str
    kind: str
    """"static", "bundle" or "embedder"."""
    bytes: int
    """Of weights and tokenizer."""
    prompts: Prompts
    encode: Callable[[list[str]], np.ndarray]
    """Prompted texts -> unit vectors float32 [n, dims]."""

    def ask(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as questions."""
        return self._numbers([self.prompts.ask(text) for text in texts])

    def passages(self, texts: Sequence[tuple[str, str]]) -> np.ndarray:
        """Embed (title, text) as passages."""
        return self._numbers([self.prompts.passage(title, text) for title, text in texts])

    def _numbers(self, texts: list[str]) -> np.ndarray:
        vectors = self.encode(texts)
        if not np.isfinite(vectors).all():
            raise InputError(f"{self.name}: gives vectors that hold no numbers (NaN or infinite).")
        return vectors


@contextmanager
def opened(model: str) -> Iterator[Opened]:
    """Open a folder, a hub id or a bundle.

    Raises:
        InputError: it is none of these, or a part of it is missing or damaged; or a bundle in which
            another model than the one that asks made the passages' vectors.

    """
    folder = Path(model)
    if (folder / MANIFEST).exists():
        with _bundle(folder) as found:
            yield found
        return
    folder = locate(model)
    yield _static(model, folder) if is_static(folder) else _embedder(model, folder)


@contextmanager
def _bundle(folder: Path) -> Iterator[Opened]:
    spec = _embeds_both(folder, checked(folder))
    lite = LiteRtEmbedder(folder, spec)
    size = (folder / MODEL).stat().st_size + (folder / spec.tokenizer.file).stat().st_size
    try:
        yield Opened(str(folder), "bundle", size, spec.prompts, lite.embed_many)
    finally:
        lite.close()


def _embeds_both(folder: Path, manifest: Manifest) -> EmbedderSpec:
    # Positives and negatives are embedded as passages, which neither of these has learned.
    if manifest.vectors.get("side") == "question":
        raise InputError(
            f"{folder}: its questions alone were tuned; passages have the vectors of {manifest.base_model}, "
            "which is not in the bundle. Name that model, or a bundle with both sides tuned."
        )
    if not manifest.main.is_full:
        raise InputError(
            f"{folder}: a student asks in it, which embeds no passages. Name its full model, or a bundle "
            "that asks with that."
        )
    return manifest.embedder


def _static(name: str, folder: Path) -> Opened:
    # A table has no prompts: every text's would move its mean alike.
    return Opened(name, "static", _size(folder), Prompts(), StaticModel(folder).encode)


def _embedder(name: str, folder: Path) -> Opened:
    model = float_model.load_float(folder)
    return Opened(
        name, "embedder", _size(folder), defaults_of(folder), lambda texts: float_model.encode(model, texts)
    )


def _size(folder: Path) -> int:
    # Gemma's two tokenizers are one, written twice.
    names = ("tokenizer.json",) if (folder / "tokenizer.json").is_file() else ("tokenizer.model",)
    carried = [*folder.rglob("*.safetensors"), *(folder / name for name in names)]
    return sum(path.stat().st_size for path in carried if path.is_file())
