"""Memory and disk that packing takes: said before it starts, and refused where there is less."""

from __future__ import annotations

from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.generator.language_model import LanguageModel
from pocketrag.machine import free_disk, free_memory

#: Python with torch and the converter, in bytes.
LIBRARIES = 0.9e9
#: At the converter's peak: weights, graph and file in float32, several times over. Measured on small
#: models (docs/generator.md).
BYTES_A_PARAMETER = 19
#: The float file, the quantized one, and both as `.litertlm`, float32 each at most.
FILES = 4


def need_room(model: LanguageModel, out: Path) -> None:
    """Say what packing takes.

    Raises:
        InputError: there is less memory, or less disk at `out`.

    """
    memory, disk = LIBRARIES + BYTES_A_PARAMETER * model.parameters, FILES * 4 * model.parameters
    free, left = free_memory(), free_disk(out)
    status(
        f"{model.parameters / 1e6:,.0f} million parameters: packing takes about {memory / 1e9:.1f} GB of "
        f"memory and {disk / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB and {left / 1e9:.1f} GB are free"
    )
    if memory > free:
        raise InputError(
            f"{model.folder}: packing takes about {memory / 1e9:.1f} GB of memory, and "
            f"{free / 1e9:.1f} GB are free. Take a smaller model or a larger machine."
        )
    if disk > left:
        raise InputError(
            f"{out}: no space: packing takes about {disk / 1e9:.1f} GB of disk, and {left / 1e9:.1f} GB are "
            "free. Free some, or name another folder with --work."
        )
