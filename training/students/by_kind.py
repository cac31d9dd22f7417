"""How a student of each kind is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from pocketrag.recipe.students import NetworkStudent, StaticStudent

from . import fit_static, token_table
from .fit_network import fit_network
from .lesson import Lesson, Material, Trained
from .start_of_layers import start_of_layers


def _of_tokens(train: Callable[[Lesson], Any]) -> Callable[[Material], Trained]:
    def make(material: Material) -> Trained:
        assert isinstance(material.settings, StaticStudent)  # noqa: S101 - its kind says so
        rows = [material.tokens.ids(text) for text in material.texts]
        given = (material.taught, material.passages, material.tokens, material.embedder, material.settings)
        return Trained(train(Lesson(rows, *given)), material.tokens)

    return make


def _of_layers(material: Material) -> Trained:
    settings, start = material.settings, material.checkpoints / "start"
    assert isinstance(settings, NetworkStudent)  # noqa: S101 - its kind says so
    shutil.rmtree(start, ignore_errors=True)  # of an interrupted run, perhaps half written
    key = f"students.{material.name}.layers"
    layers = start_of_layers(material.embedder, settings.layers, material.dims, start, key)
    return fit_network(material, settings, start, layers)


#: A value of `Kind` in the recipe -> what makes a student.
TRAINERS: dict[str, Callable[[Material], Trained]] = {
    "static": _of_tokens(fit_static.train),
    "model2vec": _of_tokens(token_table.untrained),
    "layers": _of_layers,
}
