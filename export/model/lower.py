"""PyTorch -> `.tflite`, in a process of its own.

Where the converter fails it ends its process, else it keeps gigabytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.console import silence
from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder

if TYPE_CHECKING:
    from torch.nn import Module


def lower(
    folder: Path,
    lengths: Sequence[int],
    file: Path,
    dims: int | None,
    exponents: dict[str, list[int]],
    beside: Path | None = None,
) -> int:
    """Write `file` with a signature `embed_L` for every length, weights stored once.

    Return the vectors' dims.

    Subgraph 0 is the longest length. `dims` gives only the first so many of the embedder's, `exponents` are
    the powers of two that bring it inside fp16, `beside` names the stage of a student beside whose network
    a static student stands.

    Raises:
        InputError: the folder can't be exported, or the converter's process died (a full disk or memory, most
            often).

    """
    arguments = [str(folder), list(lengths), str(file), dims, exponents, str(beside) if beside else None]
    return in_process(__name__, arguments, file)


def in_process(module: str, arguments: Sequence[object], file: Path) -> int:
    """Run a module's `convert` on arguments that JSON can hold; return the vectors' dims.

    Raises:
        InputError: it said why it can't convert, or its process died.

    """
    command = [sys.executable, "-m", __name__, json.dumps([module, str(file), arguments])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own module, no shell
    answer = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
    if done.returncode == 0:
        return int(answer["dims"])
    raise InputError(
        answer.get("error")
        or f"{file.parent}: the converter died; its own message stands above. Most often the disk or "
        "the memory is full: EmbeddingGemma takes about 7 GB of memory. Earlier results are whole."
    )


def convert(
    folder: str,
    lengths: Sequence[int],
    file: str,
    dims: int | None,
    exponents: dict[str, list[int]],
    beside: str | None,
) -> int:
    """Do the work of `lower` in this process."""
    import torch

    from ..half.fit import rescaled
    from .beside import with_static

    network = rescaled(read_embedder(Path(folder)), max(lengths), dims, exponents)
    encoder = with_static(network, Path(beside)) if beside else network
    with_signatures(encoder, lengths, file)
    with torch.no_grad():
        return int(encoder(torch.ones((1, lengths[0]), dtype=torch.int32)).shape[1])


def with_signatures(model: Module, lengths: Sequence[int], file: str) -> None:
    """Convert a module to `file` with a signature `embed_L` for every length."""
    import litert_torch
    import torch

    converter = litert_torch.Converter()
    # The longest first: tools that know of no signatures (AI Edge RAG SDK, MediaPipe) run subgraph 0, and it
    # must hold any text.
    for length in sorted(lengths, reverse=True):
        converter = converter.signature(
            f"embed_{length}", model, (torch.zeros((1, length), dtype=torch.int32),)
        )
    converter.convert().export(file)


def main() -> int:
    """Run the `convert` that the JSON of the command line names; the answer is one line of JSON."""
    silence()  # a process of its own inherits no filters
    module, file, arguments = json.loads(sys.argv[1])
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # a hundred lines of the converter's own log
            answer: dict[str, object] = {"dims": import_module(module).convert(*arguments)}
    except InputError as error:
        answer = {"error": str(error)}
    except OSError as error:
        answer = {"error": f"{error.filename or file}: {error.strerror or error}. Earlier results are whole."}
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(json.dumps(answer) + "\n")
    return 2 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
