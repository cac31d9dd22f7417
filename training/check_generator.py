"""The lines of `check` about a generator: its base, memory and time; its dialogues; its exam."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pocketrag.formats.data.exam import read_exam
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import failed, passed, skipped
from pocketrag.formats.generator.language_model import LanguageModel, read_language_model
from pocketrag.formats.generator.spoken_prompt import check_prompt
from pocketrag.recipe.generator import Generator
from pocketrag.recipe.recipe import Recipe

from . import hardware
from .check_embedder import on_the_hub, without_download
from .seen import Seen, unread

KEY = "generator.base"
#: Bytes that packing takes at its peak: fixed, and a parameter (measured on SmolLM2-135M).
PACKING = 0.9e9, 19
#: The same for tuning: Python with its libraries and what a batch leaves between layers (assumed), and the
#: base's float32 weights; an adapter's parameter has its gradient and Adam's two means beside it.
TUNING = 2e9, 4
ADAPTER = 16


def generator(seen: Seen) -> Outcome:
    """Say whether the base is here and may ship, and what tuning and packing take.

    Raises:
        InputError: there is no such folder, and it is no hub id; or it is no language model that chats.

    """
    settings = _settings(seen.recipe)
    if settings.method != "none" and hardware.version("trl") is None:
        return failed("missing trl: pip install 'pocketrag[instruct]'")
    if settings.method == "qlora" and hardware.gpu_memory() is None:
        return failed('no GPU, and QLoRA needs a CUDA GPU; choose `generator.method` "lora"')
    licence = (
        "" if settings.licence else "; its licence is not stated (`generator.licence`): no release without"
    )
    folder = without_download(settings.base, settings.revision, KEY)
    if folder is None:
        found = on_the_hub(settings.base, f"name a folder in `{KEY}`")
        return found.model_copy(update={"detail": found.detail + licence})
    model = read_language_model(folder)
    check_prompt(model, settings.prompt, settings.room)
    need, there = _bytes(model, PACKING), _memory()
    said = f"{settings.name}: {model.family}, {model.parameters / 1e6:,.0f} million parameters{licence}"
    if need > there:
        return failed(
            f"{said}; packing takes about {need / 1e9:.1f} GB of memory, and this machine has "
            f"{there / 1e9:.1f}: take a smaller base, or another machine for `pack`"
        )
    tuning = "" if settings.method == "none" else f"tuning about {_tuning(model, settings) / 1e9:.1f} GB, "
    return passed(f"{said}; memory: {tuning}packing about {need / 1e9:.1f} of {there / 1e9:.1f} GB")


def dialogues(seen: Seen) -> Outcome:
    """Read the dialogues as `instruct` does, and estimate how long it takes.

    Raises:
        InputError: they are bad, ask what the exam asks, or are too long for the base.

    """
    from .generator.lesson_of_dialogues import lesson_of, read_for

    settings = _settings(seen.recipe)
    if seen.split is None:
        return unread()
    folder = without_download(settings.base, settings.revision, KEY)
    if folder is None:
        found = read_for(settings, seen.split.passages)
        return passed(f"{found.read}{_left_out(found.left_out)}; how long they are only the base can tell")
    counts = lesson_of(settings, folder, seen.split.passages).counts
    time = _time(folder, settings, counts.tokens)
    return passed(
        f"{counts.given}: {counts.train} train, {counts.held_out} are held out{_left_out(counts.left_out)}; "
        f"{counts.taught_tokens:,} of {counts.tokens:,} tokens are taught; {time}"
    )


def exam(seen: Seen) -> Outcome:
    """Read the exam.

    Raises:
        InputError: it is bad.

    """
    settings = _settings(seen.recipe)
    if settings.exam is None:
        return skipped("none: without `generator.exam` no generator ships")
    if seen.split is None:
        return unread()
    questions = read_exam(settings.exam, {p.id for p in seen.split.passages}, settings.prompt.refusal)
    without = sum(one.unanswerable for one in questions)
    return passed(f"{len(questions) - without} questions with an answer, {without} without one")


def asked_for(recipe: Recipe, name: str) -> bool:
    """Say whether a recipe has one of these lines."""
    tuned = recipe.generator is not None and recipe.generator.method != "none"
    return tuned if name == "dialogues" else recipe.generator is not None


#: The lines in order.
GENERATOR_ROWS: dict[str, Callable[[Seen], Outcome]] = {
    "generator": generator,
    "dialogues": dialogues,
    "exam": exam,
}


def _settings(recipe: Recipe) -> Generator:
    assert recipe.generator is not None  # noqa: S101 - `asked_for` says so
    return recipe.generator


def _left_out(reasons: dict[str, int]) -> str:
    return "".join(f", {count} left out ({reason})" for reason, count in reasons.items())


def _bytes(model: LanguageModel, takes: tuple[float, int]) -> float:
    return takes[0] + takes[1] * model.parameters


def _tuning(model: LanguageModel, settings: Generator) -> float:
    # Seven projections a layer, each with two matrices of `rank` rows; a feed-forward layer's are wider.
    width, layers = (int(model.config.get(key, 0)) for key in ("hidden_size", "num_hidden_layers"))
    wide = int(model.config.get("intermediate_size", 4 * width))
    trained = settings.rank * layers * (8 * width + 3 * (width + wide))
    return _bytes(model, TUNING) + ADAPTER * trained


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _time(folder: Path, settings: Generator, tokens: int) -> str:
    if hardware.gpu_memory() is not None:
        return "for how long the GPU trains is not estimated"
    # As tuning an embedder does, a step computes forward twice and back once.
    precision = "bfloat16" if hardware.has_bfloat16() else "float32"
    cores, model = os.cpu_count() or 1, read_language_model(folder)
    speed = hardware.TOKENS_A_SECOND[precision] * cores * hardware.WEIGHTS / max(model.parameters, 1)
    minutes = tokens * settings.epochs / speed / 60
    return f"about {minutes:,.0f} minutes on {cores} CPU cores, estimated from an embedder's in {precision}"
