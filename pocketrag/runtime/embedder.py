"""Run an encoder's `.tflite` as the phone does: each text through the shortest signature that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from pocketrag.console import progress
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import MODEL
from pocketrag.formats.tokenizer import fit, load_tokenizer, padded, shortest
from pocketrag.recipe import long_passages
from pocketrag.recipe.long_passages import LongPassages

from .litert import Compiled

#: The two cores that the desktop's gates and a phone's big cluster have in common.
THREADS = 2
#: Fewer texts than this are done before more models are open (some 0.3 s each).
FEW = 32
#: Each open model keeps its own packed weights, about 100 MB for EmbeddingGemma in int8.
MOST_MODELS = 4


class LiteRtEmbedder:
    """A LiteRT model and its tokenizer."""

    def __init__(self, folder: Path, spec: EmbedderSpec, threads: int = THREADS, file: str = MODEL) -> None:
        """Open a model's file and its tokenizer in `folder`.

        Raises:
            InputError: LiteRT can't read the model, or its signatures are not those of `spec`.

        """
        self.spec = spec
        self.tokenize = load_tokenizer(folder, spec.tokenizer)
        self._file = folder / file
        self._model = self._open(threads)

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a prompted text, cut to the longest length."""
        return fit(self.tokenize(text), self.spec.lengths[-1])

    def embed_ids(self, ids: list[int], length: int | None = None) -> np.ndarray:
        """Embed token ids through the shortest signature that holds them, or that of `length`.

        Float32 [dims].
        """
        return self._model(self._padded(ids, length))

    def embed(self, text: str) -> np.ndarray:
        """Embed one prompted text; float32 [dims], unit length."""
        return self.embed_ids(self.ids(text))

    def embed_many(self, texts: list[str], what: str = "Embedding") -> np.ndarray:
        """Embed prompted texts, each cut to the longest length; float32 [n, dims]."""
        return self.embed_rows([self.tokenize(text) for text in texts], "cut", what)

    def embed_rows(self, rows: list[list[int]], policy: LongPassages, what: str) -> np.ndarray:
        """Embed token ids of any count, those beyond the longest length as `policy` says.

        Float32 [n, dims].
        """
        parts = [long_passages.pieces(row, self.spec.lengths[-1], policy) for row in rows]
        vectors = iter(self._embed_all([self._padded(part) for pieces in parts for part in pieces], what))
        joined = [long_passages.joined([next(vectors) for _ in pieces]) for pieces in parts]
        return np.array(joined, np.float32).reshape(len(rows), self.spec.dims)

    def _embed_all(self, inputs: list[np.ndarray], what: str) -> np.ndarray:
        # Each on its own as on a phone, so the vectors are bit for bit those of `embed`; side by side on all
        # cores.
        vectors = np.empty((len(inputs), self.spec.dims), np.float32)
        # The longest first: what is left for the end is short, so no core waits long for another.
        order = sorted(range(len(inputs)), key=lambda i: -inputs[i].shape[1])
        with self._crew(len(inputs)) as (models, pool):

            def one(i: int) -> None:
                model = models.get()
                try:
                    vectors[i] = model(inputs[i])
                finally:
                    models.put(model)

            for future in progress([pool.submit(one, i) for i in order], what):
                future.result()
        return vectors

    def close(self) -> None:
        """Let the model and its packed weights go."""
        self._model.close()

    def _open(self, threads: int) -> Compiled:
        return Compiled(self._file, self.spec.lengths, self.spec.dims, threads)

    @contextmanager
    def _crew(self, texts: int) -> Iterator[tuple[SimpleQueue[Compiled], ThreadPoolExecutor]]:
        # LiteRT lets go of Python's lock while it runs, so threads are enough.
        count = min(cores(), MOST_MODELS) if texts >= FEW else 1
        models = [self._open(max(1, cores() // count)) for _ in range(count)] if count > 1 else [self._model]
        free: SimpleQueue[Compiled] = SimpleQueue()
        for model in models:
            free.put(model)
        pool = ThreadPoolExecutor(count)
        try:
            yield free, pool
        finally:
            pool.shutdown(cancel_futures=True)
            for model in models:
                if model is not self._model:
                    model.close()

    def _padded(self, ids: list[int], length: int | None = None) -> np.ndarray:
        length = length or shortest(self.spec.lengths, len(ids))
        return np.array([padded(ids, length, self.spec.tokenizer.pad)], np.int32)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
