"""Where the stages of a recipe lie, `work/<name>/<stage>/`, and which model goes on to the phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag import stage
from pocketrag.embedder import locate
from pocketrag.recipe import Recipe


@dataclass(frozen=True)
class Work:
    """The work folder of one recipe."""

    root: str
    name: str

    def folder(self, name: str) -> Path:
        """Return the folder of a stage; it need not exist."""
        return Path(self.root, self.name, name)

    def has(self, name: str) -> bool:
        """Say whether a stage is there and whole."""
        return stage.load(self.folder(name)) is not None


def embedder_of(recipe: Recipe, rooms: Work, source: str, file: str) -> Path:
    """Return the float folder of a source: the base model's ("base") or the merged one ("tuned")."""
    if source == "base":
        return locate(recipe.model.base, recipe.model.revision)
    return stage.need(rooms.folder("merge"), "merge", file).folder
