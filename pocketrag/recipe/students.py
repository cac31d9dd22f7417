"""The tables [teacher], [students.NAME] and [ship] of a recipe: small question encoders, and which ship."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, field_validator

from .section import Section

#: Kinds of students, each with its trainer in training/students/by_kind.py.
Kind = Literal["static", "model2vec"]


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


class Student(Section):
    """A question encoder that is trained to land where the full model lands (docs/students.md)."""

    kind: Kind = "static"
    """`static`: a vector a token, their sum, and one small layer, trained.

    `model2vec`: the teacher's own vectors of single tokens, untrained; `rank` of their components.
    """
    query: str = "{question}"
    """What a question is made into before it is tokenized; the teacher keeps its own prompt."""
    rank: Annotated[int, Field(ge=8, le=2048)] = 512
    """Numbers a token in the stored table."""
    tokens: Annotated[int, Field(ge=256, le=10_000_000)] = 12_288
    """Rows of the table at most: the tokens of the texts, then the others as the vocabulary lists them."""
    hidden: Annotated[int, Field(ge=0, le=8192)] = 256
    """Width of the small layer beside the linear map; 0 leaves it out."""
    steps: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    batch_size: Annotated[int, Field(ge=2, le=65_536)] = 128
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    temperature: Annotated[float, Field(ge=0.001, le=10)] = 0.05
    """Of the softmax over the passages by which teacher and student are compared."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 17

    @field_validator("query")
    @classmethod
    def _asks(cls, value: str) -> str:
        try:
            fields = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
        except ValueError:
            fields = []
        if fields != ["question"]:
            raise ValueError("must hold {question} once, and nothing else in braces")
        return value


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
