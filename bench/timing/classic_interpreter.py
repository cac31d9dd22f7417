"""The same embedder through LiteRT's classic Interpreter, for comparison.

It packs the weights again for every signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.litert import Compiled, verify_file


class Classic:
    """What `Compiled` does, by the Interpreter's signature runners."""

    def __init__(self, file: Path, lengths: Sequence[int], threads: int) -> None:
        """Open the model; every signature that is used packs its own weights."""
        from ai_edge_litert.interpreter import Interpreter

        verify_file(file)
        self._interpreter: Any = Interpreter(str(file), num_threads=threads)
        self._runs = {length: self._interpreter.get_signature_runner(f"embed_{length}") for length in lengths}

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Embed `ids` int32 [1, L], L one of the lengths; float32 [dims]."""
        run = self._runs[ids.shape[1]]
        (name,) = run.get_input_details()
        return np.asarray(next(iter(run(**{name: ids}).values()))[0], np.float32)

    def close(self) -> None:
        """Let the interpreter go."""
        self._runs.clear()
        self._interpreter = None


class ClassicEmbedder(LiteRtEmbedder):
    """A `LiteRtEmbedder` on the classic Interpreter."""

    def _open(self, threads: int) -> Compiled:
        # It is called and closed as the other one is.
        return Classic(self._file, self.spec.lengths, threads)  # type: ignore[return-value]
