"""The model that a student of kind `model` starts from: where its folder lies, and whether it can be one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.embedder.capabilities import model_faults, tokenizer_faults
from pocketrag.formats.embedder.embedder_folder import Embedder, locate, read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES

from .students import ModelStudent


def start_key(student: str) -> str:
    """Return what messages call the start of a student."""
    return f"`students.{student}.start`"


def start_folder(name: str, student: ModelStudent) -> Path:
    """Return the folder of a student's start, found as the base is.

    Raises:
        InputError: it is not here, and the hub does not give it.

    """
    return locate(student.start, student.revision, start_key(name))


def need_start(name: str, student: ModelStudent, folder: Path) -> Embedder:
    """Return what lies in the folder of a student's start.

    Raises:
        InputError: it is no embedder, can't be exported or read by the app, or takes fewer tokens than the
            student's longest length; all reasons at once, named by the recipe's key.

    """
    try:
        found = read_embedder(folder)
        faults = list(_faults(name, student, found))
    except InputError as error:
        raise InputError(f"{start_key(name)}: {error}") from None
    if faults:
        raise InputError(f"{start_key(name)}: {' '.join(faults)}")
    return found


def _faults(name: str, student: ModelStudent, start: Embedder) -> Iterator[str]:
    yield from model_faults(start)
    if start.family in CAPABILITIES:
        yield from tokenizer_faults(start)
    if (longest := student.lengths[-1]) > start.max_tokens:
        yield (
            f"`students.{name}.lengths`: {longest} is more than the {start.max_tokens} tokens that "
            f"{student.name} takes."
        )
