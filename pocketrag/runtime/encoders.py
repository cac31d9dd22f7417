"""The encoders of a bundle, asked one after another until one gives a question's vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.bundle_encoder import Encoder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.layout import Role

from .embedder import LiteRtEmbedder

#: Folder, what the model is, its file -> the open model.
Opener: TypeAlias = Callable[[Path, EmbedderSpec, str], LiteRtEmbedder]


@dataclass(frozen=True)
class Asked:
    """What came of asking the encoders for one question's vector."""

    encoder: Encoder | None
    """Which gave it; None where full text alone is to answer."""
    vector: np.ndarray | None
    """Float32 [dims]."""
    mode: Mode
    """How to rank with it."""
    fell_back: str | None
    """Why not the first that was asked; None where it was, or nobody asked for vectors."""


class OpenedOnce:
    """An encoder whose model is opened when it is first needed, and never twice."""

    def __init__(self, folder: Path, encoder: Encoder, opener: Opener) -> None:
        """Take an encoder of a bundle's folder; nothing is opened yet."""
        self.encoder = encoder
        self._folder, self._opener = folder, opener
        self._model: LiteRtEmbedder | None = None
        self._broken: Exception | None = None

    def model(self) -> LiteRtEmbedder:
        """Return the open model.

        Raises:
            InputError: LiteRT can't read it, or its tokenizer can't be read; the same every time.

        """
        if self._broken is None and self._model is None:
            try:
                self._model = self._opener(self._folder, self.encoder.embedder, self.encoder.file)
            except Exception as error:  # LiteRT raises what it likes
                self._broken = error
        if self._model is None:
            raise InputError(str(self._broken)) from self._broken
        return self._model

    def embed(self, question: str) -> np.ndarray:
        """Return a question's vector, float32 [dims].

        Raises:
            Exception: the model can't be opened, or fails.

        """
        return self.model().embed(self.encoder.embedder.prompts.ask(question))

    def try_embed(self, questions: Sequence[str]) -> list[np.ndarray | str]:
        """Return of each question its vector float32 [dims], or why there is none."""
        try:
            prompted = [self.encoder.embedder.prompts.ask(question) for question in questions]
            many = self.model().embed_many(prompted) if len(prompted) > 1 else None
        except Exception:  # one text may have done it: each is tried on its own
            many = None
        if many is not None:
            return [usable(vector) for vector in many]
        return [self._try_one(question) for question in questions]

    def close(self) -> None:
        """Let the model go; it is not opened again."""
        if self._model:
            self._model.close()
        self._model, self._broken = None, InputError("it is closed")

    def _try_one(self, question: str) -> np.ndarray | str:
        try:
            return usable(self.embed(question))
        except Exception as error:  # LiteRT raises what it likes: the next encoder still answers
            return str(error)


class Encoders:
    """The encoders of a bundle from where the caller says to start."""

    def __init__(self, folder: Path, encoders: Sequence[Encoder], start: Role, opener: Opener) -> None:
        """Take the encoders of a bundle's folder, the main one first; nothing is opened yet.

        Without an encoder of the role `start` the first one is asked first.
        """
        roles = [encoder.role for encoder in encoders]
        asked = encoders[roles.index(start) :] if start in roles else encoders
        self._chain = [OpenedOnce(folder, encoder, opener) for encoder in asked]

    @property
    def first(self) -> OpenedOnce:
        """The one that is asked first."""
        return self._chain[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the order in which they are asked."""
        return tuple(one.encoder.name for one in self._chain)

    def ask(self, questions: Sequence[str], mode: Mode | None) -> list[Asked]:
        """Return of each question the vector of the first encoder that gives a usable one.

        Args:
            questions: any texts.
            mode: how to rank, whichever answers; by default as the encoder that answers says. Where that is
                full text alone, no model is run.

        """
        found: dict[int, Asked] = {}
        failures: list[list[str]] = [[] for _ in questions]
        for one in self._chain:
            left = [n for n in range(len(questions)) if n not in found]
            how = mode or one.encoder.fusion.mode
            if not left or how == "bm25":
                break
            name = one.encoder.name
            for n, got in zip(left, one.try_embed([questions[n] for n in left]), strict=True):
                if isinstance(got, str):
                    failures[n].append(f"the encoder {name} can't be used ({got})")
                else:
                    found[n] = Asked(one.encoder, got, how, _why(failures[n], name))
        return [
            found.get(n) or Asked(None, None, "bm25", _why(failures[n], "full text alone"))
            for n in range(len(questions))
        ]

    def close(self) -> None:
        """Let all models go."""
        for one in self._chain:
            one.close()


def open_litert(folder: Path, spec: EmbedderSpec, file: str) -> LiteRtEmbedder:
    """Open a model as the phone does.

    Raises:
        InputError: LiteRT can't read it, or its signatures are not those of `spec`.

    """
    return LiteRtEmbedder(folder, spec, file=file)


def usable(vector: np.ndarray) -> np.ndarray | str:
    """Return a vector float32 [dims], or why nothing can be ranked by it."""
    if 0 < float(np.abs(vector).max()) < np.inf:
        return vector
    return "it gave a vector of NaN, infinity or zeros"


def _why(failures: Sequence[str], answered: str) -> str | None:
    return f"{'; '.join(failures)}; {answered} answered" if failures else None
