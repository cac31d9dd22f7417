"""How a student of each kind is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pocketrag.recipe.student_start import need_start, start_folder
from pocketrag.recipe.students import LayersStudent, ModelStudent, NetworkStudent, StaticStudent
from pocketrag.reference import static_student

from . import fit_static, token_table
from .fit_network import fit_network
from .fitted_head import fit_head
from .lesson import Lesson, Material, Trained
from .start_of_layers import start_of_layers
from .static_beside import static_beside


def _of_tokens(train: Callable[[Lesson], Any]) -> Callable[[Material], Trained]:
    def make(material: Material) -> Trained:
        assert isinstance(material.settings, StaticStudent)  # noqa: S101 - its kind says so
        given = (material.taught, material.passages, material.tokens, material.embedder, material.settings)
        return Trained(train(Lesson(material.ids, *given)), material.tokens)

    return make


def _of_layers(material: Material) -> Trained:
    settings = material.settings
    assert isinstance(settings, LayersStudent)  # noqa: S101 - its kind says so
    sliced, key = _fresh(material, "layers"), f"students.{material.name}.layers"
    layers = start_of_layers(material.embedder, settings.layers, sliced, key)
    static = static_beside(material) if settings.static else None
    return _fitted(material, settings, sliced, layers, static)


def _of_model(material: Material) -> Trained:
    settings = material.settings
    assert isinstance(settings, ModelStudent)  # noqa: S101 - its kind says so
    folder = start_folder(material.name, settings)
    need_start(material.name, settings, folder)
    trained = _fitted(material, settings, folder)
    assert trained.training is not None  # noqa: S101 - a network's is there
    return replace(trained, training=trained.training.model_copy(update={"start": settings.name}))


def _fitted(
    material: Material,
    settings: NetworkStudent,
    folder: Path,
    layers: tuple[int, ...] | None = None,
    static: static_student.StaticStudent | None = None,
) -> Trained:
    start = _fresh(material, "start")
    fit_head(material, settings.lengths[-1], folder, start)
    return fit_network(material, settings, start, layers, static)


def _fresh(material: Material, name: str) -> Path:
    folder = material.checkpoints / name
    shutil.rmtree(folder, ignore_errors=True)  # of an interrupted run, perhaps half written
    return folder


#: A value of `Kind` in the recipe -> what makes a student.
TRAINERS: dict[str, Callable[[Material], Trained]] = {
    "static": _of_tokens(fit_static.train),
    "model2vec": _of_tokens(token_table.untrained),
    "layers": _of_layers,
    "model": _of_model,
}
