"""Answers that are written down as they come, so that an interrupted exam goes on where it was.

They are found by the digest of the prompt and of all that decides what the model writes to it: its weights,
its limits, our code that asks it and the versions of the packages that this uses. So another exam, another
limit or another bundle takes what is still the same from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from pocketrag import interrupt
from pocketrag.formats import files
from pocketrag.formats.kept_answers import KeptAnswers
from pocketrag.runtime.generator.engine import GenerationError

Messages = Sequence[dict[str, str]]


@dataclass(frozen=True)
class Said:
    """What a model wrote to a prompt."""

    text: str
    why: str | None
    """Why it could not answer; None where it could."""
    stopped: bool
    """Whether it ended by itself."""
    tokens: int
    first_seconds: float | None
    """From the prompt to the first token; None where there was none."""
    seconds: float
    memory: float
    """The most that the process had held by then, in MB."""

    @property
    def speed(self) -> float | None:
        """Tokens a second after the first one; None where there was one at most."""
        later = self.seconds - (self.first_seconds or 0.0)
        return (self.tokens - 1) / later if self.tokens > 1 and later > 0 else None


@dataclass(frozen=True)
class Model:
    """An opened model."""

    say: Callable[[Messages], Said]
    close: Callable[[], None]


class Remembered:
    """A model that is opened for the first prompt that was not answered before; an engine for `answer`."""

    def __init__(self, file: Path, identity: object, opened: Callable[[], Model]) -> None:
        """Read what was answered before.

        Args:
            file: JSONL; it need not exist.
            identity: JSON value of all that decides the model's answers.
            opened: opens the model.

        """
        self._shard, self._identity, self._opened = KeptAnswers(file), files.digest_of(identity), opened
        self._model: Model | None = None
        self._used: dict[str, None] = {}
        self.last: Said | None = None
        """What was said to the last prompt."""

    def say(self, messages: Messages) -> Said:
        """Return what the model writes to a prompt."""
        key = files.digest_of({"model": self._identity, "messages": list(messages)})
        self._used[key] = None
        if (known := self._shard.get(key)) is None:
            interrupt.raise_if_interrupted()
            self.last = self._asked(messages)
            self._shard.add(key, asdict(self.last))
        else:
            self.last = Said(**cast(dict[str, Any], known))
        return self.last

    def generate(self, messages: Messages) -> Iterator[str]:
        """Yield the answer as a whole.

        Raises:
            GenerationError: the model could not answer.

        """
        said = self.say(messages)
        if said.text:
            yield said.text
        if said.why is not None:
            raise GenerationError(said.why)

    def count(self, text: str) -> int:
        """Return how many tokens the last answer has, which is the only text that is asked about."""
        return self.last.tokens if self.last and text else 0

    def close(self) -> None:
        """Give the model's memory back."""
        if self._model:
            self._model.close()
            self._model = None

    def keep_used(self) -> None:
        """Leave nothing in the file but what was used."""
        self._shard.keep(self._used)

    def _asked(self, messages: Messages) -> Said:
        if self._model is None:
            self._model = self._opened()
        return self._model.say(messages)
