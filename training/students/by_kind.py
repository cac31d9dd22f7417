"""How a student of each kind is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pocketrag.recipe.student_start import start_folder
from pocketrag.recipe.students import LayersStudent, ModelStudent, StaticStudent

from . import fit_static, token_table
from .fit_network import fit_network
from .lesson import Lesson, Material, Trained
from .start_of_layers import start_of_layers
from .start_of_model import start_of_model


def _of_tokens(train: Callable[[Lesson], Any]) -> Callable[[Material], Trained]:
    def make(material: Material) -> Trained:
        assert isinstance(material.settings, StaticStudent)  # noqa: S101 - its kind says so
        given = (material.taught, material.passages, material.tokens, material.embedder, material.settings)
        return Trained(train(Lesson(material.ids, *given)), material.tokens)

    return make


def _of_layers(material: Material) -> Trained:
    settings, start = material.settings, _fresh_start(material)
    assert isinstance(settings, LayersStudent)  # noqa: S101 - its kind says so
    key = f"students.{material.name}.layers"
    layers = start_of_layers(material.embedder, settings.layers, material.dims, start, key)
    return fit_network(material, settings, start, layers)


def _of_model(material: Material) -> Trained:
    settings, start = material.settings, _fresh_start(material)
    assert isinstance(settings, ModelStudent)  # noqa: S101 - its kind says so
    start_of_model(material, settings, start_folder(material.name, settings), start)
    trained = fit_network(material, settings, start)
    assert trained.training is not None  # noqa: S101 - a network's is there
    return replace(trained, training=trained.training.model_copy(update={"start": settings.name}))


def _fresh_start(material: Material) -> Path:
    start = material.checkpoints / "start"
    shutil.rmtree(start, ignore_errors=True)  # of an interrupted run, perhaps half written
    return start


#: A value of `Kind` in the recipe -> what makes a student.
TRAINERS: dict[str, Callable[[Material], Trained]] = {
    "static": _of_tokens(fit_static.train),
    "model2vec": _of_tokens(token_table.untrained),
    "layers": _of_layers,
    "model": _of_model,
}
