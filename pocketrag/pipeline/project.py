"""A project: a recipe, where its stages lie, and what overrides it; read once a command and passed on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.no_questions import MEND, MISSING
from pocketrag.formats.embedder.embedder_folder import fingerprint, locate
from pocketrag.formats.generator import language_model
from pocketrag.formats.prompts import Prompts
from pocketrag.recipe.base_model import base_folder, prompts_of
from pocketrag.recipe.data_files import JUDGING
from pocketrag.recipe.generator import Generator
from pocketrag.recipe.recipe import Recipe, read_recipe
from pocketrag.recipe.student_start import need_start, start_folder
from pocketrag.recipe.students import ModelStudent

from .digests import Digests
from .stage import Stage, StageRef
from .steps import Steps

#: Where stages lie if the user does not say.
WORK = "work"
#: What the digests of a project's files are remembered in, beside its stages.
DIGESTS = "digests.json"


@dataclass(frozen=True)
class Project:
    """One recipe as a command sees it."""

    file: str
    """The recipe's file as the user named it, for messages."""
    recipe: Recipe
    folder: Path
    """Holds a folder a stage; it need not exist."""
    options: tuple[str, ...] = ()
    """What the user gave besides: `--work`, `--base`; for the commands in messages."""
    accept_regression: bool = False
    """Whether the tuned model may be bundled although it is worse than the base."""
    keep_model: bool = False
    """Whether what makes weights is kept though the texts changed (`kept_model.py`)."""
    digests: Digests = field(default_factory=Digests, repr=False, compare=False)
    loaded: dict[Path, tuple[Stage, Mapping[str, Any]] | None] = field(
        default_factory=dict, repr=False, compare=False
    )
    """The stages that were read from disk and found whole, with their keys; None where none is."""
    made: dict[StageRef, Stage] = field(default_factory=dict, repr=False, compare=False)
    """The stages that this command has made, or found to be up to date."""
    needed: dict[StageRef, Stage] = field(default_factory=dict, repr=False, compare=False)
    """Those that it found to be there for others to read."""
    steps: Steps = field(default_factory=Steps, repr=False, compare=False)
    """How far the command is."""
    starts: dict[str, Path] = field(default_factory=dict, repr=False, compare=False)
    """The folders that students of kind `model` start from, by the student's name."""

    @classmethod
    def read(
        cls,
        file: str,
        *,
        work: str = WORK,
        base: str | None = None,
        mode: str | None = None,
        accept_regression: bool = False,
        keep_model: bool = False,
    ) -> Project:
        """Read a recipe; `base` and `mode` override its `[model] base` and `[search] mode`.

        Raises:
            InputError: the recipe is missing or bad.

        """
        recipe = read_recipe(file, base, mode)
        folder = Path(work, recipe.name)
        given = {"--work": None if work == WORK else work, "--base": base}
        options = tuple(word for pair in given.items() if pair[1] for word in pair if word)
        return cls(file, recipe, folder, options, accept_regression, keep_model, Digests(folder / DIGESTS))

    def command(self, verb: str, *options: str) -> str:
        """Return a command that acts on this project, as a user types it."""
        return shlex.join(["pocketrag", verb, self.file, *options, *self.options])

    @property
    def tunes(self) -> bool:
        """Whether the recipe tunes the base model."""
        return self.recipe.train.method != "none"

    def need_questions(self, verb: str) -> None:
        """Refuse what can't be done without judged questions.

        Raises:
            InputError: the recipe names none.

        """
        if not self.recipe.data.has_questions:
            raise InputError(f"{self.file}: nothing to {verb}: {MISSING}; {MEND}.")

    def need_training(self, verb: str) -> None:
        """Refuse what can't be done without questions to train on, people's or a model's.

        Raises:
            InputError: the recipe names none.

        """
        if not self.recipe.data.can_tune:
            raise InputError(f"{self.file}: nothing to {verb}: {MISSING}; {MEND}.")

    @cached_property
    def base(self) -> Path:
        """The folder of the base model, as it was before trimming.

        Raises:
            InputError: it is not here, and the hub does not give it.

        """
        return base_folder(self.recipe)

    @cached_property
    def prompts(self) -> Prompts:
        """The recipe's prompts, or those of the base's own configuration.

        A tuned model is asked by the same.
        """
        return prompts_of(self.recipe)

    def need_generator(self, verb: str) -> Generator:
        """Return the recipe's generator.

        Raises:
            InputError: it has none.

        """
        if self.recipe.generator is None:
            raise InputError(f"{self.file}: nothing to {verb}: no [generator]; add one (docs/generator.md).")
        return self.recipe.generator

    @cached_property
    def generator_base(self) -> Path:
        """The folder of the language model that the generator starts from.

        Raises:
            InputError: the recipe has none, or it is not here, and the hub does not give it; or it is no
                language model that chats.

        """
        generator = self.need_generator("find")
        folder = locate(generator.base, generator.revision, "generator.base")
        return language_model.read_language_model(folder).folder

    def language_model_digest(self, folder: Path) -> str:
        """Return one digest of all that decides what a language model reads and writes."""
        return language_model.fingerprint(folder, self.digests.sha256)

    def start_of(self, student: str) -> Path | None:
        """Return the folder of the model that a student starts from; None for other kinds.

        Raises:
            InputError: it is not here, the hub does not give it, or it can be no student.

        """
        settings = self.recipe.students[student]
        if not isinstance(settings, ModelStudent):
            return None
        if student not in self.starts:
            folder = start_folder(student, settings)
            need_start(student, settings, folder)
            self.starts[student] = folder
        return self.starts[student]

    def fingerprint(self, embedder: Path) -> str:
        """Return one digest of all that decides an embedder's vectors."""
        return fingerprint(embedder, self.digests.sha256)

    def data_digest(self, key: str) -> str:
        """Return the SHA-256 of the file that `[data]` names under `key`, "" where it names none."""
        path = getattr(self.recipe.data, key)
        return self.digests.sha256(path) if path else ""

    def data_digests(self) -> dict[str, str]:
        """Return the SHA-256 of every data file that something is built from, by key."""
        return {
            key: self.digests.sha256(path)
            for key, path in self.recipe.data.paths.items()
            if key not in JUDGING
        }
