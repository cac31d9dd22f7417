"""The tables [teacher], [students.NAME] and [ship] of a recipe: small question encoders, and which ship."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Literal, get_args

from pydantic import Discriminator, Field, Tag, field_validator

from .section import Section
from .shared_types import Lengths, QuantizationName
from .toml import TAG
from .train import Trackers

#: Kinds of students, each with its trainer in training/students/by_kind.py.
Kind = Literal["static", "model2vec", "layers", "model"]
#: The classes that hold their settings.
STATIC: Final = f"<static{TAG}"
LAYERS: Final = f"<layers{TAG}"
MODEL: Final = f"<model{TAG}"

Steps = Annotated[int, Field(ge=1, le=1_000_000)]
BatchSize = Annotated[int, Field(ge=2, le=65_536)]
LearningRate = Annotated[float, Field(gt=0, lt=1)]
Temperature = Annotated[float, Field(ge=0.001, le=10)]


class Teacher(Section):
    """What the full model embeds as if it were a question, for all students to learn (docs/students.md)."""

    sentences: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    """Sentences and titles of the passages, at most; beside all questions that measure nothing."""
    spans: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Random runs of 4 to 16 words of the passages; they help where there are few sentences."""
    words: Annotated[int, Field(ge=0, le=100_000)] = 2_000
    """Of the commonest words of each language, each as a question of its own."""
    languages: tuple[str, ...] = ()
    """Of those words (ISO 639-1); by default `search.language`."""

    @field_validator("languages", mode="before")
    @classmethod
    def _tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class _Student(Section):
    """What every student has: a question encoder that is trained to land where the full model lands."""

    query: str = "{question}"
    """What a question is made into before it is tokenized; the teacher keeps its own prompt."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 17
    """Of everything that is drawn at random."""

    @field_validator("kind", mode="before", check_fields=False)
    @classmethod
    def _known(cls, value: object) -> object:
        if value not in get_args(Kind):
            raise ValueError(f"must be one of {', '.join(get_args(Kind))}")
        return value

    @field_validator("query")
    @classmethod
    def _asks(cls, value: str) -> str:
        try:
            fields = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
        except ValueError:
            fields = []
        # Nor a format, `{question!r}`, which nothing fills.
        if fields != ["question"] or "{question}" not in value:
            raise ValueError("must hold {question} once, and nothing else in braces")
        return value


class StaticStudent(_Student):
    """A table of token vectors (docs/students.md)."""

    kind: Literal["static", "model2vec"] = "static"
    """`static`: a vector a token, their sum, and one small layer, trained.

    `model2vec`: the teacher's own vectors of single tokens, untrained; `rank` of their components.
    """
    rank: Annotated[int, Field(ge=8, le=2048)] = 512
    """Numbers a token in the stored table."""
    tokens: Annotated[int, Field(ge=256, le=10_000_000)] = 12_288
    """Rows of the table at most: the tokens of the texts, then the others as the vocabulary lists them."""
    hidden: Annotated[int, Field(ge=0, le=8192)] = 256
    """Width of the small layer beside the linear map; 0 leaves it out."""
    steps: Steps = 500
    """Of training."""
    batch_size: BatchSize = 128
    """Texts a step."""
    learning_rate: LearningRate = 1e-3
    """At its highest."""
    temperature: Temperature = 0.05
    """Of the softmax over the passages by which teacher and student are compared."""


class NetworkStudent(_Student):
    """A small transformer, trained as the full model's own tuning is (docs/students.md)."""

    lengths: Lengths = (16, 32, 64)
    """Token counts of the exported model; longer questions lose their end."""
    quantization: QuantizationName | None = None
    """How its weights are stored; by default as `export.quantization` says."""
    steps: Steps = 2000
    """Of training, at most."""
    batch_size: BatchSize = 64
    """Texts a step."""
    learning_rate: LearningRate = 1e-4
    """At its highest, after the warm-up."""
    temperature: Temperature = 0.03
    """Of the softmax over the passages by which teacher and student are compared."""
    warmup_ratio: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    """Share of the steps in which the learning rate rises."""
    evaluations: Annotated[int, Field(ge=1, le=100)] = 10
    """How often held-out questions are scored during training, and a checkpoint is written."""
    patience: Annotated[int, Field(ge=1)] = 3
    """So many scores without a better one end the training."""
    report_to: Trackers = ()
    """Trackers that follow the training; each is a package of its own."""


class LayersStudent(NetworkStudent):
    """Some of the full model's own layers, its table and its head."""

    kind: Literal["layers"] = "layers"
    """Some of the full model's own layers."""
    layers: int | tuple[int, ...] = 4
    """Which of the full model's layers, counted from 0; a number n is the first n."""
    static: bool = True
    """Whether a static student stands beside them, in the same file: the vector is the mean of both."""

    @field_validator("layers", mode="before")
    @classmethod
    def _rising(cls, value: object) -> object:
        found = tuple(value) if isinstance(value, list | tuple) else (value,)
        whole = all(isinstance(layer, int) and not isinstance(layer, bool) and layer >= 0 for layer in found)
        if not (found and whole and sorted(set(found)) == list(found) and value != 0):
            raise ValueError("must be how many, such as 4, or a rising list of layers, such as [0, 1, 2, 23]")
        return found if isinstance(value, list) else value


class ModelStudent(NetworkStudent):
    """Another, smaller embedder as the start, with its own tokenizer."""

    kind: Literal["model"] = "model"
    """Another, smaller embedder."""
    start: Annotated[str, Field(min_length=1)]
    """A hub id or a folder, as `model.base` is; its vectors need not have the full model's dims."""
    revision: str | None = None
    """Of the hub id."""
    licence: str = ""
    """Of that model; a release needs it."""
    notice: str = ""
    """What its licence asks to be passed on."""

    @property
    def name(self) -> str:
        """The hub id, or the last part of a folder: no path of the building machine is ever published."""
        return Path(self.start).name if Path(self.start).is_absolute() else self.start


def _class(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return {"layers": LAYERS, "model": MODEL}.get(str(kind), STATIC)


#: A table [students.NAME], read as its kind says.
Student = Annotated[
    Annotated[StaticStudent, Tag(STATIC)]
    | Annotated[LayersStudent, Tag(LAYERS)]
    | Annotated[ModelStudent, Tag(MODEL)],
    Discriminator(_class),
]


class Ship(Section):
    """Which encoders are tried, and what the one that ships may lose."""

    encoders: tuple[str, ...] = ()
    """Names of [students], and `full`; by default all students and `full`."""
    loss: Annotated[float, Field(ge=0, le=1)] = 0.01
    """NDCG@10, each as it searches, that the main encoder may lose against the full model, as a mean."""
    worst_loss: Annotated[float, Field(ge=0, le=1)] = 0.03
    """The lower end of that difference's 95 % interval may reach so far below 0."""

    @field_validator("encoders", mode="before")
    @classmethod
    def _distinct(cls, value: object) -> object:
        if isinstance(value, list) and len(set(map(str, value))) < len(value):
            raise ValueError("names an encoder twice")
        return tuple(value) if isinstance(value, list) else value
