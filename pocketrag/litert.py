"""Run `embedder.tflite` as the phone does: each text through the shortest signature that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from pocketrag import long
from pocketrag.console import progress
from pocketrag.errors import InputError
from pocketrag.long import LongPassages
from pocketrag.prompts import Prompts
from pocketrag.tokens import TokenizerSpec, fit, load_tokenizer

MODEL = "embedder.tflite"
#: The two cores that the desktop's gates and a phone's big cluster have in common.
THREADS = 2


class EmbedderSpec(BaseModel):
    """All that is needed to embed a text with a `.tflite` and a tokenizer; part of a bundle's manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dims: int
    lengths: tuple[int, ...]
    quantization: str
    prompts: Prompts
    tokenizer: TokenizerSpec


class LiteRtEmbedder:
    """A LiteRT model and its tokenizer."""

    def __init__(self, folder: Path, spec: EmbedderSpec) -> None:
        """Open `embedder.tflite` and the tokenizer in `folder`.

        Raises:
            InputError: LiteRT can't read the model, or its signatures are not those of `spec`.

        """
        self.spec = spec
        self.tokenize = load_tokenizer(folder, spec.tokenizer)
        self._interpreter = _interpreter(folder / MODEL)
        self._runners = {length: self._runner(length) for length in spec.lengths}

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a prompted text, cut to the longest length."""
        return fit(self.tokenize(text), self.spec.lengths[-1])

    def embed_ids(self, ids: list[int], length: int | None = None) -> np.ndarray:
        """Embed token ids through the shortest signature that holds them, or that of `length`; float32 [dims]."""
        length = length or next(size for size in self.spec.lengths if size >= len(ids))
        runner, name = self._runners[length]
        padded = np.zeros((1, length), np.int32)
        padded[0, : len(ids)] = ids
        return np.array(next(iter(runner(**{name: padded}).values()))[0], np.float32)

    def embed(self, text: str) -> np.ndarray:
        """Embed one prompted text; float32 [dims], unit length."""
        return self.embed_ids(self.ids(text))

    def embed_many(self, texts: list[str], what: str = "Embedding") -> np.ndarray:
        """Embed prompted texts one by one, as a phone does; float32 [n, dims]."""
        return np.stack([self.embed(text) for text in progress(texts, what)])

    def embed_rows(self, rows: list[list[int]], policy: LongPassages, what: str) -> np.ndarray:
        """Embed token ids of any count, those beyond the longest length as `policy` says; float32 [n, dims]."""
        longest = self.spec.lengths[-1]
        return np.stack([long.embed(row, longest, policy, self.embed_ids) for row in progress(rows, what)])

    def _runner(self, length: int) -> tuple[Any, str]:
        name = f"embed_{length}"
        try:
            runner = self._interpreter.get_signature_runner(name)
        except (ValueError, RuntimeError) as error:
            raise InputError(f"{MODEL}: has no signature {name!r} ({error}).") from None
        inputs, outputs = list(runner.get_input_details().values()), list(runner.get_output_details().values())
        found = [(tuple(d["shape"]), np.dtype(d["dtype"]).name) for d in (*inputs, *outputs)]
        wanted = [((1, length), "int32"), ((1, self.spec.dims), "float32")]
        if found != wanted:
            raise InputError(f"{MODEL}: {name!r} has inputs and outputs {found}, expected {wanted}.")
        return runner, next(iter(runner.get_input_details()))


def _interpreter(file: Path) -> Any:  # noqa: ANN401 - no public type
    from ai_edge_litert.interpreter import Interpreter

    try:
        return Interpreter(str(file), num_threads=THREADS)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{file}: LiteRT can't open it ({error}).") from None
