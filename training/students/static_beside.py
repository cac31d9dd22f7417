"""A static student beside layers: made first, from the same texts, and of the levels that it is stored in.

Both err on other questions, so that the mean of their vectors lies nearer to the teacher's than either.
"""

from __future__ import annotations

import numpy as np
import torch

from pocketrag.console import status
from pocketrag.formats.layout import STUDENT
from pocketrag.recipe.students import StaticStudent as Settings
from pocketrag.reference import static_student
from pocketrag.reference.int8_rows import quantize_rows
from pocketrag.reference.static_student import StaticStudent

from . import fit_static
from .fit_network import divided
from .lesson import Lesson, Material


def static_beside(material: Material) -> StaticStudent:
    """Return a static student of the usual settings, its table rounded to int8.

    It outlives an interrupted run, as the checkpoints do beside which it lies.

    Raises:
        InputError: memory is too small for the teacher.

    """
    file = material.checkpoints / STUDENT
    if file.is_file():
        try:
            return static_student.load(file)
        except Exception as error:  # whatever a damaged file raises
            status(f"{file}: damaged ({error}); left out")
    status(f"{material.name}: the static student beside it")
    settings = Settings(seed=material.settings.seed, query=material.settings.query)
    # What chooses its share of the mean, and the checkpoint, it must not have seen: on texts that it was
    # fitted to it is far better than on any other.
    rows, _ = divided(material, material.settings.seed)
    texts, taught = [material.ids[n] for n in rows], material.taught[rows]
    lesson = Lesson(texts, taught, material.passages, material.tokens, material.embedder, settings)
    student = fit_static.train(lesson)
    _round(student)
    written = file.with_suffix(".part")
    static_student.save(student, written)
    written.replace(file)
    return student


def _round(student: StaticStudent) -> None:
    # What PyTorch computes from here on is what ships: no rounding is left for the export.
    levels, scales = quantize_rows(student.table.detach().numpy())
    with torch.no_grad():
        student.table.copy_(torch.from_numpy(levels.astype(np.float32) * scales))
