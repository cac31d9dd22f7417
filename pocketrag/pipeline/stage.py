"""What a stage is: a folder made once from named inputs.

Made again only when they, the settings or the code change.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.base import Facts, Source
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.split import Split, read_split
from pocketrag.recipe.data_files import Data
from pocketrag.recipe.recipe import Recipe

if TYPE_CHECKING:
    from .project import Project

MANIFEST = "manifest.json"
F = TypeVar("F", bound=Facts)


@dataclass(frozen=True)
class StageRef:
    """Which stage: its name, and where a stage exists more than once, which of them."""

    name: str
    source: Source | None = None
    sample: int | None = None
    """Judged on only so many test questions; None is all of them."""
    other: str | None = None
    """An embedder besides the recipe's own: a folder or a hub id."""
    student: str | None = None
    """One of the recipe's students."""


@dataclass(frozen=True)
class Stage:
    """A finished stage."""

    folder: Path
    facts: Facts
    """What the stage found out: counts, scores, sizes."""
    digest: str
    """Of all its files; an input of the stages after it."""
    ran: bool
    """False where an earlier run was still good."""


@dataclass(frozen=True)
class After:
    """An edge of the table: a stage that another one reads."""

    name: str
    source: Source | None = None
    """None is the source of the stage that reads it."""
    when: Callable[[Recipe, StageRef], bool] = lambda recipe, ref: True
    optional: bool = False
    """Read where it is there and up to date; nothing is missing where it isn't."""
    each: Callable[[Recipe], Iterable[str]] | None = None
    """Gives the students whose stages are read; None is the student of the stage that reads it."""

    @property
    def label(self) -> str:
        """Its name among the inputs; of several students `of` adds the student's."""
        return f"{self.name}-{self.source}" if self.source else self.name

    def of(self, student: str) -> str:
        """Return the name among the inputs of one of several students' stages."""
        return f"{self.label}-{student}"


@dataclass(frozen=True)
class StageSpec:
    """A row of the table of stages."""

    name: str
    module: str
    """Holds the function that makes the stage; its imports are the code of the key."""
    run: str
    """The function: takes a `Job`, writes into `job.out`, returns the facts."""
    facts: type[Facts]
    after: tuple[After, ...] = ()
    """The stages that it reads."""
    data: tuple[str, ...] = ()
    """The keys of `[data]` whose files it reads."""
    model: bool = False
    """Whether it reads the folder of the base model."""
    settings: tuple[str, ...] = ()
    """What it reads of the recipe: dotted keys, or names of `settings.DERIVED`."""
    sourced: bool = False
    """Whether it is made from one of the sources."""
    one_folder: bool = False
    """Whether both sources share a folder, so that one replaces the other."""
    studied: bool = False
    """Whether it is made for each of the recipe's students."""
    sampled: bool = False
    """Whether it can be made on a sample of the test questions."""
    automatic: bool = False
    """Made when another stage needs it; the others are made by their own verb, and asked for otherwise."""
    reuse: tuple[str, ...] | None = None
    """Inputs and settings with which an earlier result is reused in part; None never reuses any."""

    def folder(self, ref: StageRef, other: str = "") -> str:
        """Return the name of the stage's folder; `other` stands for the other embedder."""
        source = [ref.source] if self.sourced and ref.source and not self.one_folder else []
        student = [ref.student] if self.studied and ref.student else []
        sample = [f"sample-{ref.sample}"] if ref.sample else []
        return "-".join([self.name, *([other] if other else []), *student, *source, *sample])


@dataclass(frozen=True)
class Job:
    """What a stage's function is given."""

    project: Project
    ref: StageRef
    folder: Path
    """Where the stage will lie."""
    key: Mapping[str, Any]
    """All that the stage is made from: equal keys, equal stages."""
    inputs: Mapping[str, Stage]
    """By the label of `After`."""
    out: Path
    """An empty folder, which becomes the stage's once its function returns."""
    earlier: Stage | None = None
    """An earlier result that `StageSpec.reuse` allows to take parts of."""

    def earlier_by(self, processor: str) -> Path | None:
        """Return the folder of the earlier result if this processor made it.

        Another one's vectors are rounded otherwise.
        """
        made_by = getattr(self.earlier.facts, "processor", None) if self.earlier else None
        return self.earlier.folder if self.earlier and made_by == processor else None

    def facts(self, label: str, kind: type[F]) -> F:
        """Return the facts of a stage that this one reads."""
        return facts_of(self.inputs[label], kind)

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.project.recipe

    @property
    def prompts(self) -> Prompts:
        """The templates that questions and passages are embedded with."""
        return self.project.prompts

    @property
    def start(self) -> Path:
        """The float model where tuning starts and the base is converted from.

        The base's folder, or the trimmed one.
        """
        return self.inputs["trim"].folder if self.recipe.trim else self.project.base

    @property
    def embedder(self) -> Path:
        """The float model of the stage's source, as it is converted."""
        return self.inputs["merge"].folder if self.ref.source == "tuned" else self.start

    @property
    def reference(self) -> Path:
        """The float model that losses are measured against: of the base, the one before trimming."""
        return self.inputs["merge"].folder if self.ref.source == "tuned" else self.project.base

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the key, as JSON values."""
        return dict(self.key["settings"])

    def split(self) -> Split:
        """Return the recipe's questions by what they are for.

        Raises:
            InputError: a file of the stage is damaged.

        """
        return split_in(self.inputs["split"].folder, self.recipe.data)

    def checkpoints(self) -> Path:
        """Return a folder that outlives an interrupted run of the same key.

        It is removed once the stage is whole.
        """
        folder = checkpoints(self.folder)
        written, digest = folder / "key.json", files.digest_of(self.key)
        if _read(written) != digest and first_process():
            # Half a training of other data, settings or code is worth nothing.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            files.write_atomic(written, files.to_json(digest))
        return folder


def split_in(folder: Path, data: Data) -> Split:
    """Return the questions of the split in `folder`, by what they are for; raises as `read_split` does."""
    passages = data.passages()
    return read_split(folder, passages, data.pool(passages))


def checkpoints(folder: Path) -> Path:
    """Return where the checkpoints of the stage at `folder` lie."""
    return folder.with_name(f"{folder.name}-checkpoints")


def _read(file: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return files.read_json(file)
    except InputError:
        return None


def facts_of(done: Stage, kind: type[F]) -> F:
    """Return a stage's facts, which the table says are of this kind."""
    assert isinstance(done.facts, kind)  # noqa: S101 - the table is ours
    return done.facts


def first_process() -> bool:
    """Say whether this process writes results.

    Of those that a launcher such as `accelerate launch` starts, one does.
    """
    return os.environ.get("RANK", "0") == "0"


def load(
    folder: Path, kind: type[Facts], digests: Callable[[Path], Mapping[str, str]]
) -> tuple[Stage, Mapping[str, Any]] | None:
    """Return the stage at `folder` and its key if all its files are those that were made, else None.

    Args:
        folder: the stage's.
        kind: of its facts.
        digests: gives the SHA-256 of every file below a folder, by its posix path in it.

    """
    files.recover(folder)
    if not (folder / MANIFEST).is_file():
        return None
    try:
        manifest = files.read_json(folder / MANIFEST)
        outputs = {name: digest for name, digest in digests(folder).items() if name != MANIFEST}
        if outputs != manifest["outputs"]:
            return None
        key, facts = manifest["key"], kind.read(manifest["facts"])
        if not all(isinstance(key[part], Mapping) for part in ("inputs", "settings")):
            return None
    except (InputError, KeyError, TypeError):
        return None
    return Stage(folder, facts, files.digest_of(outputs), ran=False), key
