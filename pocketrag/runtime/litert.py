"""One `.tflite` opened with LiteRT's CompiledModel.

All its signatures share one packed copy of the weights.

The classic Interpreter packs the weights again for every signature: 633 MB instead of 241 MB for
EmbeddingGemma in int8 with four lengths. The packed copy lives in memory (`:memory`), not in a cache file:
packing takes a quarter of a second, and XNNPACK checks a cache file's header but not whose weights it holds,
so a foreign or damaged file would give wrong vectors.
"""

from __future__ import annotations

import atexit
import contextlib
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

#: XNNPACK's name for a weight cache without a file (kInMemoryCachePath in its weight_cache.h); it needs
#: Linux's memfd.
PACKED_ONCE = ":memory" if sys.platform == "linux" else ""


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
        self._lock = threading.Lock()
        self._model = [model]
        # LiteRT logs the end of a model too; a finalizer also runs when the process ends.
        self.close = weakref.finalize(self, _close, self._model, self._runs)

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Embed `ids` int32 [1, L], L one of the lengths; float32 [dims].

        Any thread may call, one at a time runs.
        """
        with self._lock:
            if not self._model:
                raise InputError("this model was closed; open it again.")
            name, given, taken, dims = self._runs[ids.shape[1]]
            next(iter(given.values())).write(ids)
            self._model[0].run_by_name(name, given, taken)
            return np.asarray(next(iter(taken.values())).read(dims, np.float32))


def verify_file(file: Path) -> Any:  # noqa: ANN401 - no public type
    """Check that a file is a whole model; return the classic Interpreter that looked at it.

    CompiledModel trusts the file: of 60 damaged ones 28 ended the process with SIGSEGV. The classic
    Interpreter verifies the flatbuffer when it opens it; nothing is allocated or packed here.

    Raises:
        InputError: LiteRT can't open it.

    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        return Interpreter(str(file), num_threads=1)
    except (ValueError, RuntimeError) as error:
        # It names every tensor that it doesn't like; the first is enough.
        raise InputError(f"{file}: LiteRT can't open it ({str(error)[:200]}).") from None


def _verify(file: Path, lengths: Sequence[int], dims: int) -> None:
    interpreter = verify_file(file)
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


def _close(model: list[Any], runs: dict[int, Any]) -> None:
    with silence():
        runs.clear()
        model.clear()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep what LiteRT logs while it opens or drops a model away from standard error."""
    # It writes some thirty lines about accelerators that it looks for to the standard error of the process;
    # 2.3.0 has no setting for that. What goes wrong comes as an exception all the same. Descriptor 2 belongs
    # to all threads: the first that comes takes it away, the last that goes puts it back.
    _silence_end()
    with _LOCK:
        _QUIET.enter()
    try:
        yield
    finally:
        with _LOCK:
            _QUIET.leave()


class _Quiet:
    """Standard error while some threads want it silent."""

    def __init__(self) -> None:
        self.threads, self.kept = 0, -1

    def enter(self) -> None:
        self.threads += 1
        if self.threads == 1:
            self.kept = _drop_errors()

    def leave(self) -> None:
        self.threads -= 1
        if self.threads == 0 and self.kept >= 0:
            os.dup2(self.kept, 2)
            os.close(self.kept)


#: A finalizer may come in the middle of `silence` of the same thread.
_LOCK, _QUIET = threading.RLock(), _Quiet()


@cache
def _silence_end() -> None:
    # Its global environment logs its own end when the process is all but over.
    atexit.register(_drop_errors)


def _drop_errors() -> int:
    # Returns a copy of what standard error was, or -1 where there is none.
    if sys.stderr is not None and not sys.stderr.closed:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        return -1
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    return kept
