"""One `.tflite` opened with LiteRT's CompiledModel, so that all its signatures share one packed copy of the weights.

The classic Interpreter packs the weights again for every signature: 633 MB instead of 241 MB for EmbeddingGemma in int8 with
four lengths. The packed copy lives in memory (`:memory`), not in a cache file: packing takes a quarter of a second, and
XNNPACK checks a cache file's header but not whose weights it holds, so a foreign or damaged file would give wrong vectors.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError

#: XNNPACK's name for a weight cache without a file (kInMemoryCachePath in its weight_cache.h); it needs Linux's memfd.
PACKED_ONCE = ":memory" if sys.platform == "linux" else ""


#: "These pages are not needed soon", <asm-generic/mman-common.h>.
MADV_DONTNEED = 4


class Compiled:
    """A model whose signatures `embed_L` turn token ids int32 [1, L] into a vector float32 [1, dims]."""

    def __init__(self, file: Path, lengths: Sequence[int], dims: int, threads: int) -> None:
        """Open the model for `threads` threads; the vectors don't depend on their number.

        Raises:
            InputError: LiteRT can't read the file, or its signatures are not those of `lengths` and `dims`.

        """
        _verify(file, lengths, dims)
        with silence():
            model = open_model(file, threads)
            self._runs = {length: _bind(model, f"embed_{length}", length) for length in lengths}
        self._pages = _mapped(file)
        self._lock = threading.Lock()
        self._model = [model]
        # LiteRT logs the end of a model too; a finalizer also runs when the process ends.
        self.close = weakref.finalize(self, _close, self._model, self._runs)

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Embed `ids` int32 [1, L], L one of the lengths; float32 [dims]. Any thread may call, one at a time runs."""
        name, given, taken, dims = self._runs[ids.shape[1]]
        with self._lock:
            next(iter(given.values())).write(ids)
            self._model[0].run_by_name(name, given, taken)
            _give_back(self._pages)
            return next(iter(taken.values())).read(dims, np.float32)


def _verify(file: Path, lengths: Sequence[int], dims: int) -> None:
    # CompiledModel trusts the file: of 60 damaged ones 28 ended the process with SIGSEGV. The classic Interpreter verifies
    # the flatbuffer when it opens it; nothing is allocated or packed here.
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(str(file), num_threads=1)
    except (ValueError, RuntimeError) as error:
        # It names every tensor that it doesn't like; the first is enough.
        raise InputError(f"{file}: LiteRT can't open it ({str(error)[:200]}).") from None
    for length in lengths:
        name = f"embed_{length}"
        try:
            runner = interpreter.get_signature_runner(name)
        except (ValueError, RuntimeError) as error:
            raise InputError(f"{file}: has no signature {name!r} ({error}).") from None
        details = (*runner.get_input_details().values(), *runner.get_output_details().values())
        found = [(tuple(int(n) for n in d["shape"]), np.dtype(d["dtype"]).name) for d in details]
        wanted = [((1, length), "int32"), ((1, dims), "float32")]
        if found != wanted:
            raise InputError(f"{file}: {name!r} has inputs and outputs {found}, expected {wanted}.")


def open_model(file: Path, threads: int) -> Any:  # noqa: ANN401 - no public type
    """Return LiteRT's CompiledModel of any model that is known to be whole.

    Raises:
        InputError: LiteRT can't prepare it.

    """
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.options import CpuOptions, Options

    options = Options(cpu_options=CpuOptions(num_threads=threads, xnnpack_weight_cache_path=PACKED_ONCE))
    try:
        return CompiledModel.from_file(str(file), options=options)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{file}: LiteRT can't prepare it ({error}).") from None


def _bind(model: Any, name: str, length: int) -> tuple[str, dict[str, Any], dict[str, Any], int]:  # noqa: ANN401
    names = model.get_signature_list()[name]
    given = {key: model.create_input_buffer_by_name(name, key) for key in names["inputs"]}
    taken = {key: model.create_output_buffer_by_name(name, key) for key in names["outputs"]}
    # The first write makes LiteRT look for accelerators once more.
    next(iter(given.values())).write(np.zeros((1, length), np.int32))
    return name, given, taken, int(model.get_output_tensor_details(name)[names["outputs"][0]]["shape"][-1])


def _mapped(file: Path) -> list[tuple[int, int]]:
    # Where LiteRT has mapped the file, as (address, bytes); only what can't be written, dropping other pages would lose data.
    if sys.platform != "linux":
        return []
    lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    ours = [
        line.split()[0].split("-") for line in lines if line.endswith(f" {file.resolve()}") and line.split()[1].startswith("r--")
    ]
    return [(int(start, 16), int(end, 16) - int(start, 16)) for start, end in ours]


def _give_back(pages: list[tuple[int, int]]) -> None:
    # Packed weights are not read from the file again, and a look-up maps sixteen pages for a row: given back, they don't count
    # as this process's memory until the system wants them. They cost a run some 0.1 ms to map again.
    for address, size in pages:
        _libc().madvise(address, size, MADV_DONTNEED)


@cache
def _libc() -> Any:  # noqa: ANN401 - ctypes has no type for it
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return libc


def _close(model: list[Any], runs: dict[int, Any]) -> None:
    with silence():
        runs.clear()
        model.clear()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep what LiteRT logs while it opens or drops a model away from standard error."""
    # It writes some thirty lines about accelerators that it looks for to the standard error of the process; 2.3.0 has no
    # setting for that. What goes wrong comes as an exception all the same.
    _silence_end()
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        _drop_errors()
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@cache
def _silence_end() -> None:
    # Its global environment logs its own end when the process is all but over.
    atexit.register(_drop_errors)


def _drop_errors() -> None:
    sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
