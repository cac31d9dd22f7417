"""How a student of each kind is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .fit_static import train
from .lesson import Lesson
from .token_table import untrained

#: A value of `Kind` in the recipe -> what makes a student of a lesson.
TRAINERS: dict[str, Callable[[Lesson], Any]] = {
    "static": train,
    "model2vec": untrained,
}
