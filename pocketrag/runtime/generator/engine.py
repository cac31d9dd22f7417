"""LiteRT-LM runs a `.litertlm`: one conversation a question, greedy, its text as it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from pocketrag.errors import InputError, PocketragError
from pocketrag.formats.generator import MODEL

from ..litert import silence

Messages = Sequence[dict[str, str]]


class GenerationError(PocketragError):
    """The model could not answer this question: the passages are quoted instead."""


class Room(Protocol):
    """How many tokens a model is given, as `GeneratorSpec` says it."""

    @property
    def max_tokens(self) -> int:
        """Of prompt and answer together."""
        ...

    @property
    def answer_tokens(self) -> int:
        """Of the answer."""
        ...


class Engine(Protocol):
    """What answers a prompt."""

    def generate(self, messages: Messages) -> Iterator[str]:
        """Yield the answer as it is written; closing the iterator ends the work.

        Raises:
            GenerationError: the prompt is too long, or the model fails.

        """
        ...

    def count(self, text: str) -> int:
        """Return how many of the model's tokens a text has."""
        ...

    def close(self) -> None:
        """Give the model's memory back."""
        ...


class LiteRtLmEngine:
    """A generator's folder, opened; its digest was compared (`read_generator`)."""

    def __init__(self, folder: Path, spec: Room, threads: int, model: str = MODEL) -> None:
        """Open the model `model` of the folder for `threads` threads.

        Raises:
            ModuleNotFoundError: litert-lm-api is not installed (the extra [answers]).
            InputError: LiteRT-LM can't open the file.

        """
        import litert_lm

        self._spec, self._file = spec, folder / model
        litert_lm.set_min_log_severity(litert_lm.LogSeverity.FATAL)
        self._greedy = litert_lm.SamplerConfig(top_k=1)
        try:
            with silence():
                self._engine: Any = litert_lm.Engine(
                    str(self._file),
                    backend=litert_lm.Backend.CPU(thread_count=threads),
                    max_num_tokens=spec.max_tokens,
                    # A cache holds packed weights, and is not compared with the model that it is of.
                    cache_dir=":nocache",
                )
        except RuntimeError as error:
            raise InputError(
                f"{self._file}: LiteRT-LM can't open it ({error}). Pack the generator again "
                "(`pocketrag pack`)."
            ) from None
        self._begins_once()

    def generate(self, messages: Messages) -> Iterator[str]:
        """Yield the answer as it is written, at most `answer_tokens` of it."""
        *before, last = (self._message(one) for one in messages)
        with self._conversation(before) as talk:
            self._fits(talk, last)
            parts = talk.send_message_async(last)
            try:
                yield from filter(None, map(str, parts))
            except RuntimeError as error:
                raise GenerationError(f"the model failed ({error})") from None
            finally:
                # Nothing to do where it has ended. What runs on after `close` would write into freed memory.
                talk.cancel_process()
                for _ in parts:
                    pass

    def count(self, text: str) -> int:
        """Return how many of the model's tokens a text has."""
        return len(self._engine.tokenize(text))

    def close(self) -> None:
        """Give the model's memory back."""
        with silence():
            self._engine.close()

    def _begins_once(self) -> None:
        """Refuse a template that writes the start token, which LiteRT-LM puts before a prompt by itself."""
        start = self._engine.bos_token_id
        with self._conversation([]) as talk:
            text = talk.render_message_to_string(self._message({"role": "user", "content": "?"}))
        if start is not None and self._engine.tokenize(text)[:1] == [start]:
            raise InputError(
                f"{self._file}: its prompts would begin with the start token twice. Pack the generator again "
                "(`pocketrag pack`)."
            )

    @staticmethod
    def _message(one: dict[str, str]) -> dict[str, Any]:
        # As litertlm-android sends it, so that the template renders the same here and there.
        return {"role": one["role"], "content": [{"type": "text", "text": one["content"]}]}

    @contextlib.contextmanager
    def _conversation(self, before: list[dict[str, Any]]) -> Iterator[Any]:
        with silence():
            talk = self._engine.create_conversation(
                messages=before,
                sampler_config=self._greedy,
                max_output_tokens=self._spec.answer_tokens,
                automatic_tool_calling=False,
            )
        try:
            yield talk
        finally:
            talk.close()

    def _fits(self, talk: Any, last: dict[str, Any]) -> None:  # noqa: ANN401 - no public type
        # With all that stands before it.
        tokens = self.count(talk.render_message_to_string(last))
        room = self._spec.max_tokens - self._spec.answer_tokens
        if tokens > room:
            raise GenerationError(f"the prompt has {tokens} tokens, and the model takes {room}")
