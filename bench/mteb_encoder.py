"""An embedder as `mteb` asks it: its prompts, float32 vectors of unit length, cosine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.embedder.embedder_folder import defaults_of, fingerprint
from pocketrag.reference import float_model

Batch = Mapping[str, Sequence[str]]


class MtebEncoder:
    """The folder of an embedder behind `mteb.models.EncoderProtocol`.

    Passages are prompted as a bundle's are: a title has the place that the model's document prompt gives it,
    where mteb's own wrapper puts it before the text.
    """

    def __init__(self, folder: Path) -> None:
        """Load the model in float32; its name in mteb's results is the folder's, its revision its digest."""
        from mteb.models import ModelMeta

        self.prompts, self._model = defaults_of(folder), float_model.load_float(folder)
        named = {"name": f"pocketrag/{folder.resolve().name}", "revision": fingerprint(folder)}
        self.mteb_model_meta = ModelMeta.create_empty(overwrites=named)

    def encode(self, inputs: Iterable[Batch], *, prompt_type: str | None = None, **_: object) -> np.ndarray:
        """Return the vectors of all batches, float32 [n, dims], at unit length."""
        prompted = self._passages if str(prompt_type) == "document" else self._questions
        return float_model.encode(self._model, [text for batch in inputs for text in prompted(batch)])

    def similarity(self, first: Any, second: Any) -> np.ndarray:  # noqa: ANN401 - arrays or tensors, as mteb has them
        """Return the cosine of each vector of one with each of the other, float32 [n, m]."""
        found: np.ndarray = np.asarray(first) @ np.asarray(second).T
        return found

    def similarity_pairwise(self, first: Any, second: Any) -> np.ndarray:  # noqa: ANN401
        """Return the cosine of the vectors that stand in the same place, float32 [n]."""
        found: np.ndarray = np.einsum("nd,nd->n", np.asarray(first), np.asarray(second))
        return found

    def _questions(self, batch: Batch) -> list[str]:
        return [self.prompts.ask(text) for text in batch["text"]]

    def _passages(self, batch: Batch) -> list[str]:
        bodies = batch.get("body", batch["text"])
        titles = batch.get("title") or [""] * len(bodies)
        return [self.prompts.passage(title or "", body) for title, body in zip(titles, bodies, strict=True)]
