"""A recipe: the TOML file that says what to build. Unknown keys, wrong types and missing paths are errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import FULL
from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.identity import NAME, VERSION
from pocketrag.formats.prompts import Prompts

from .data_files import JUDGING, Data
from .export import Export
from .generator import Generator
from .languages import STEMMERS
from .named_paths import folder_or_id, need_file, need_folder
from .section import Section
from .students import ModelStudent, Ship, Student, Teacher
from .targets import Targets
from .toml import read_toml
from .train import Merge, Train

Name = Annotated[str, StringConstraints(pattern=NAME)]
Version = Annotated[str, StringConstraints(pattern=VERSION)]
Format = Literal["sqlite-vec", "rag-sdk"]


class Model(Section):
    """The base embedder."""

    base: str = "sentence-transformers/all-MiniLM-L6-v2"
    """A hub id, or a folder relative to the recipe."""
    revision: str | None = None
    """Of the hub id: a commit, a tag or a branch; by default the newest."""
    licence: str = ""
    """Of the base model; a release needs it."""
    licence_file: Path | None = None
    """Its text, appended to the NOTICE where the licence asks for that."""
    notice: str = ""
    """What the licence asks to be passed on; goes into the bundle's NOTICE."""

    @field_validator("licence_file", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) else value

    @property
    def name(self) -> str:
        """The hub id, or the last part of a folder: no path of the building machine is ever published."""
        return Path(self.base).name if Path(self.base).is_absolute() else self.base


class Trim(Section):
    """Which tokens of the base's vocabulary are kept (docs/trimming.md)."""

    tokens: Annotated[int, Field(ge=1)] = 32_768
    """Rows of the table afterwards, all counted."""
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    """Of wordfreq's word lists."""
    words: Annotated[int, Field(ge=0, le=1_000_000)] = 50_000
    """How many of the commonest words of each language are offered."""

    @field_validator("languages", mode="before")
    @classmethod
    def _tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Search(Section):
    """How the app searches. What is left out, the judged questions decide (docs/index.md)."""

    mode: Mode | None = None
    """How the app searches; by default what is best on the judged questions."""
    fusion: Literal["scores", "ranks"] | None = None
    """How hybrid joins both lists: by min-max normalised scores, or by reciprocal ranks."""
    dense_weight: Annotated[float, Field(ge=0, le=1)] | None = None
    """Weight of the dense list beside BM25's."""
    language: str | None = None
    """Of the passages (ISO 639-1), one whose stems are known: full text then tries stems too."""
    also: tuple[Format, ...] = ()
    """Formats of the vectors beside the plain BLOBs: `sqlite-vec`'s table, or that of AI Edge RAG SDK."""

    @field_validator("language")
    @classmethod
    def _has_stems(cls, value: str | None) -> str | None:
        if value is not None and value not in STEMMERS:
            raise ValueError(
                f"stems are all that the key is for, and none are known for {value!r}, only for "
                f"{', '.join(STEMMERS)}; leave the key out, full text works without (docs/languages.md)"
            )
        return value

    @field_validator("also", mode="before")
    @classmethod
    def _tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Recipe(Section):
    """A whole recipe."""

    name: Name
    """Of the bundle, its folder and its files."""
    version: Version = "1.0.0"
    """Of the bundle; an app and an update tell bundles apart by it."""
    description: str = ""
    """One line, for the manifest and the report."""
    data: Data
    model: Model = Model()
    prompts: Prompts | None = None
    """Templates; by default what the base embedder's own configuration says."""
    trim: Trim | None = None
    """Absent: the whole vocabulary stays."""
    train: Train = Train()
    merge: Merge = Merge()
    export: Export = Export()
    search: Search = Search()
    teacher: Teacher = Teacher()
    students: dict[Name, Student] = Field(default_factory=dict)
    """Small question encoders by name, beside the full model."""
    ship: Ship = Ship()
    generator: Generator | None = None
    """The language model that answers; absent: the app shows passages."""
    limits: Limits = Limits()
    targets: Targets = Field(default_factory=dict)
    """Projections: a measure's least value, or `hard_cases`. They inform; the verdict decides."""

    @model_validator(mode="before")
    @classmethod
    def _untuned(cls, values: object) -> object:
        # Nothing can be tuned where there is nothing to learn from.
        if not isinstance(values, dict):
            return values
        data, train = values.get("data"), values.get("train", {})
        if not isinstance(data, dict) or not isinstance(train, dict) or {"queries", "synthetic"} & set(data):
            return values
        return {**values, "train": {"method": "none", **train}}

    @model_validator(mode="after")
    def _judged(self) -> Recipe:
        if self.train.method != "none" and not self.data.can_tune:
            raise ValueError(
                "train.method: tuning needs judged questions; name data.queries and data.qrels, or a folder "
                "for a model's in data.synthetic (docs/questions.md), or leave the method out"
            )
        return self

    @model_validator(mode="after")
    def _fixed(self) -> Recipe:
        if self.train.by_questions and self.export.documents != "float":
            raise ValueError(
                'train.side, export.documents: with side "question" the passages keep the base\'s float '
                'vectors, which "shipped" ones are not; set export.documents to "float"'
            )
        return self

    @model_validator(mode="after")
    def _taught(self) -> Recipe:
        if FULL in self.students:
            raise ValueError(f"students.{FULL}: is the teacher's own name; choose another")
        if isinstance(self.students.get("model"), ModelStudent):
            raise ValueError("students.model: the manifest's licences name the base so; choose another")
        if self.students and self.export.documents != "float":
            raise ValueError('export.documents: students search vectors of the full float model; set "float"')
        if unknown := [name for name in self.ship.encoders if name not in (*self.students, FULL)]:
            known = ", ".join((*self.students, FULL))
            raise ValueError(f"ship.encoders: {unknown[0]!r} is none of this recipe's; there are: {known}")
        if FULL not in self.encoders and self.export.npu:
            raise ValueError(
                f'ship.encoders, export.npu: NPU files are the full model\'s; name "{FULL}" too, '
                "or leave export.npu out"
            )
        if self.taught and self.export.litertlm:
            raise ValueError(
                "students, export.litertlm: the file for LiteRT-LM is the full model's, and with students "
                "another may ship; leave export.litertlm out, or the students"
            )
        if FULL not in self.encoders and not self.data.has_questions:
            raise ValueError(
                "ship.encoders: without judged questions no student can be measured, so none ships; name "
                f'data.queries and data.qrels, or "{FULL}" among the encoders'
            )
        return self

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders that are tried, by name."""
        return self.ship.encoders or (*self.students, FULL)

    @property
    def taught(self) -> tuple[str, ...]:
        """The students that are trained; none where no question could measure them."""
        return tuple(name for name in self.encoders if name != FULL) if self.data.has_questions else ()

    def data_digests(self) -> dict[str, str]:
        """Return the SHA-256 of every data file that something is built from, by key."""
        return {key: files.sha256(path) for key, path in self.data.paths.items() if key not in JUDGING}

    def judging_digests(self) -> dict[str, str]:
        """Return the SHA-256 of all data files, by key, "" for a judging one that is absent.

        A verdict depends on that too.
        """
        judging = {key: getattr(self.data, key) for key in JUDGING}
        return {
            **self.data_digests(),
            **{key: files.sha256(path) if path else "" for key, path in judging.items()},
        }


def read_recipe(file: Path | str, base: str | None = None, mode: str | None = None) -> Recipe:
    """Read a recipe; `base` and `mode` override `[model] base` and `[search] mode`. Paths come back absolute.

    Raises:
        InputError: the file is missing, not TOML, has an unknown key, a wrong type, or names a file that is
            not there.

    """
    file = Path(file)
    values = read_toml(file)
    for section, key, value in (("model", "base", base), ("search", "mode", mode)):
        if value is not None and isinstance(values.setdefault(section, {}), dict):
            values[section][key] = value
    try:
        recipe = Recipe.model_validate(values)
    except ValidationError as error:
        from .keys import mistakes  # which reads all keys off this module

        raise InputError(mistakes.all_of(file, error.errors())) from None
    return recipe.model_copy(
        update={
            "data": _paths(file, recipe.data),
            "model": _base(file, recipe.model, base is None),
            "students": {name: _start(file, one) for name, one in recipe.students.items()},
            "generator": _generator(file, recipe.generator) if recipe.generator else None,
        }
    )


def _paths(recipe: Path, data: Data) -> Data:
    found = {
        key: need_file(recipe, f"data.{key}", path)
        for key, path in data
        if isinstance(path, Path) and key != "synthetic"
    }
    if data.synthetic:
        found["synthetic"] = need_folder(recipe, "data.synthetic", data.synthetic)
    return data.model_copy(update=found)


def _base(recipe: Path, model: Model, relative: bool) -> Model:
    if model.licence_file:
        text = need_file(recipe, "model.licence_file", model.licence_file)
        model = model.model_copy(update={"licence_file": text})
    # --base is relative to where the user stands.
    found = folder_or_id(recipe.parent if relative else Path.cwd(), model.base)
    return model.model_copy(update={"base": found})


def _start(recipe: Path, student: Student) -> Student:
    if not isinstance(student, ModelStudent):
        return student
    return student.model_copy(update={"start": folder_or_id(recipe.parent, student.start)})


def _generator(recipe: Path, generator: Generator) -> Generator:
    found: dict[str, object] = {"base": folder_or_id(recipe.parent, generator.base)}
    for key in ("data", "exam"):
        if named := getattr(generator, key):
            found[key] = need_file(recipe, f"generator.{key}", named)
    server = generator.tiers.premium
    if server and server.exam:
        exam = need_file(recipe, "generator.tiers.premium.exam", server.exam)
        premium = server.model_copy(update={"exam": exam})
        found["tiers"] = generator.tiers.model_copy(update={"premium": premium})
    return generator.model_copy(update=found)
