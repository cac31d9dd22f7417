"""A static student -> `.tflite`, in a process of its own as every conversion (`..model.lower`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..model.lower import in_process, with_signatures


def lower_student(student: Path, lengths: Sequence[int], file: Path) -> int:
    """Write `file` with a signature `embed_L` for every length; return the vectors' dims.

    Args:
        student: its weights, as `pocketrag.reference.static_student.save` wrote them.
        lengths: tokens of each signature.
        file: the `.tflite` to write.

    Raises:
        InputError: the converter's process died.

    """
    return in_process(__name__, [str(student), list(lengths), str(file)], file)


def convert(student: str, lengths: Sequence[int], file: str) -> int:
    """Do the work of `lower_student` in this process."""
    from pocketrag.reference.static_student import load

    from .student_model import StudentModel

    model = StudentModel(load(Path(student))).eval()
    with_signatures(model, lengths, file)
    return model.dims
