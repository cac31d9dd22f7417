"""How a student of each kind is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pocketrag.recipe.students import Student
from pocketrag.reference.student_tokens import StudentTokens

from . import fit_static

#: Token ids of n texts, which tokens count, the teacher's vectors of the texts float32 [n, dims] and of the
#: passages float32 [passages, dims], the settings -> a student.
Train = Callable[[Sequence[Sequence[int]], StudentTokens, np.ndarray, np.ndarray, Student], Any]

#: A value of `Kind` in the recipe -> its training.
TRAINERS: dict[str, Train] = {"static": fit_static.train}
