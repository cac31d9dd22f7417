"""The models that are examined, opened: a float one by transformers, the packed one by LiteRT-LM."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.facts.base import JsonObject
from pocketrag.formats.generator import GeneratorSpec
from pocketrag.pipeline.code import code_of
from pocketrag.runtime.generator.engine import Engine, GenerationError, LiteRtLmEngine

from ..timing.process import forget_peak, peak
from .remembered import Messages, Model, Said

#: What our code does to a prompt, by kind: changes of it make what was answered before worthless.
CODE = {
    "float": "pocketrag.reference.float_language_model",
    "packed": "pocketrag.runtime.generator.engine",
}
#: (text, tokens, whether it stopped); is given the prompt and what is to be called for each token.
Answered = Callable[[Messages, Callable[[], None]], tuple[str, int, bool]]


def identity_of(kind: str, weights: str, spec: GeneratorSpec) -> JsonObject:
    """Return all that decides what a model answers to a prompt.

    Args:
        kind: a key of `CODE`.
        weights: digest of the model, its tokenizer and template.
        spec: limits and stop tokens.

    """
    code = code_of(CODE[kind])
    return {
        "kind": kind,
        "weights": weights,
        "limits": [spec.answer_tokens, spec.max_tokens],
        "stop": list(spec.stop),
        "code": files.digest_of([code.modules, code.packages]),
    }


def open_float(folder: Path, spec: GeneratorSpec) -> Model:
    """Open a language model's folder in float32.

    Raises:
        InputError: weights are missing or of another shape.

    """
    from pocketrag.reference.float_language_model import FloatModel

    forget_peak()
    model = FloatModel(folder)
    room = spec.max_tokens - spec.answer_tokens

    def answered(messages: Messages, told: Callable[[], None]) -> tuple[str, int, bool]:
        prompt = model.prompt(messages)
        if len(prompt) > room:  # as the packed one refuses it
            raise GenerationError(f"the prompt has {len(prompt)} tokens, and the model takes {room}")
        return model.answer(prompt, spec.stop, spec.answer_tokens, told)

    return Model(partial(_said, answered), lambda: None)


def open_packed(folder: Path, spec: GeneratorSpec, threads: int) -> Model:
    """Open a generator's folder as `ask` does.

    Raises:
        ModuleNotFoundError: litert-lm-api is not installed.
        InputError: LiteRT-LM can't open it.

    """
    engine: Engine = LiteRtLmEngine(folder, spec, threads)

    def answered(messages: Messages, told: Callable[[], None]) -> tuple[str, int, bool]:
        parts = []
        for part in engine.generate(messages):
            told()
            parts.append(part)
        text = "".join(parts)
        tokens = engine.count(text)
        # LiteRT-LM does not say why it ended.
        return text, tokens, tokens < spec.answer_tokens

    return Model(partial(_said, answered), engine.close)


def _said(answered: Answered, messages: Messages) -> Said:
    began = time.perf_counter()
    times: list[float] = []
    why: str | None = None
    text, tokens, stopped = "", 0, False
    try:
        text, tokens, stopped = answered(messages, lambda: times.append(time.perf_counter() - began))
    except GenerationError as error:
        why = str(error)
    return Said(
        text=text.strip(),
        why=why,
        stopped=stopped,
        tokens=tokens,
        first_seconds=round(times[0], 4) if times else None,
        seconds=round(time.perf_counter() - began, 4),
        memory=peak(),
    )
