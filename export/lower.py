"""PyTorch -> `.tflite`, in a process of its own: where the converter fails it ends its process, else it keeps gigabytes."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pocketrag.embedder import read_embedder
from pocketrag.errors import InputError


def lower(folder: Path, lengths: Sequence[int], file: Path) -> int:
    """Write `file` with a signature `embed_L` for every length, weights stored once; return the embedder's dims.

    Raises:
        InputError: the folder can't be exported, or the converter's process died (a full disk or memory, most often).

    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_plain_interrupt) as pool:
        try:
            return pool.submit(_lower, folder, list(lengths), file).result()
        except BrokenProcessPool:
            raise InputError(
                f"{file.parent}: the converter died; its own message stands above. Most often the disk or the memory is full: "
                "a build takes about 6 GB of memory for EmbeddingGemma. Earlier results are whole."
            ) from None


def _lower(folder: Path, lengths: Sequence[int], file: Path) -> int:
    import litert_torch
    import torch

    from .encoder import Encoder

    encoder = Encoder(read_embedder(folder), max(lengths)).eval()
    converter = litert_torch
    for length in lengths:
        converter = converter.signature(f"embed_{length}", encoder, (torch.zeros((1, length), dtype=torch.int32),))
    with contextlib.redirect_stdout(io.StringIO()):  # a hundred lines of its own log
        converter.convert().export(str(file))
    with torch.no_grad():
        return int(encoder(torch.ones((1, lengths[0]), dtype=torch.int32)).shape[1])


def _plain_interrupt() -> None:
    # Ctrl-C reaches this process too; it ends quietly and the parent tells.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
