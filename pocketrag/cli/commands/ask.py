"""`pocketrag ask`: answer questions from a bundle, with its generator or by quotes."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.live import Live
from rich.text import Text

from pocketrag import console
from pocketrag.errors import InputError
from pocketrag.formats.facts.ask import AnsweredFacts, AskFacts
from pocketrag.formats.generator import SPEC, beside, read_generator
from pocketrag.runtime.embedder import cores
from pocketrag.runtime.generator.answering import Generator, answer
from pocketrag.runtime.generator.engine import LiteRtLmEngine
from pocketrag.runtime.rag import Rag, open_bundle

from ..views.ask_table import show_answer


def ask(
    bundle: str,
    question: str | None = None,
    *,
    generator: str | None = None,
    no_generator: bool = False,
    threshold: float | None = None,
    threads: int | None = None,
) -> AskFacts:
    """Answer a question, or without one those that are typed, a line each, until the input ends.

    Args:
        bundle: the folder of a bundle.
        question: any text.
        generator: the folder of a generator; by default that beside the bundle, BUNDLE.generator.
        no_generator: quote the passages, as the free tier does.
        threshold: the cosine below which nothing is generated; by default the bundle's.
        threads: that the model may use; by default one a core.

    Raises:
        InputError: a bundle or a generator can't be opened, or the question is empty.

    """
    if question is not None and not question.strip():
        raise InputError("the question is empty.")
    folder, why = _generator(Path(bundle), generator, no_generator)
    with open_bundle(bundle) as rag, _opened(folder, threads or cores()) as (model, name, seconds):
        facts = AskFacts(
            bundle=bundle,
            generator=name,
            no_generator=why,
            load_seconds=seconds,
            answers=(),
            shown=False,
        )
        if question is not None:
            return facts.model_copy(update={"answers": (_answered(rag, question, model, threshold),)})
        return _session(facts, lambda line: _answered(rag, line, model, threshold))


def _generator(bundle: Path, given: str | None, refused: bool) -> tuple[Path | None, str | None]:
    if refused:
        return None, "--no-generator"
    folder = Path(given) if given else beside(bundle)
    if folder.is_dir():
        return folder, None
    if given:
        raise InputError(f"{folder}: no such folder; a generator's holds {SPEC} (`pocketrag pack`).")
    why = f"there is no {folder.name} beside the bundle"
    console.status(f"{why}: the passages are quoted. `pocketrag pack` makes one, --generator names another.")
    return None, why


@contextlib.contextmanager
def _opened(folder: Path | None, threads: int) -> Iterator[tuple[Generator | None, str | None, float | None]]:
    if folder is None:
        yield None, None, None
        return
    began = time.perf_counter()
    spec = read_generator(folder)
    engine = LiteRtLmEngine(folder, spec, threads)
    try:
        seconds = round(time.perf_counter() - began, 3)
        yield Generator(engine, spec.prompt, spec.budget), f"{spec.name} {spec.version}", seconds
    finally:
        engine.close()


def _answered(rag: Rag, question: str, model: Generator | None, threshold: float | None) -> AnsweredFacts:
    """Answer; on a terminal what the model writes is seen as it comes, and goes once it was checked."""
    said = Text(style="dim")

    def add(part: str) -> None:
        said.append(part)

    with _seen(said):
        return answer(rag, question, model, on_text=add, threshold=threshold)


def _session(facts: AskFacts, answered: Callable[[str], AnsweredFacts]) -> AskFacts:
    """Answer what is typed; the end of the input ends it, and so does Ctrl-C."""
    typed = sys.stdin.isatty()
    answers: list[AnsweredFacts] = []
    with contextlib.suppress(KeyboardInterrupt):
        while line := _line(typed):
            if line.strip():
                answers.append(answered(line.strip()))
                if typed:
                    show_answer(answers[-1])
    return facts.model_copy(update={"answers": tuple(answers), "shown": typed})


def _line(typed: bool) -> str:
    if typed:
        console.err.print("[bold]?[/bold] ", end="")
    return sys.stdin.readline()


@contextlib.contextmanager
def _seen(said: Text) -> Iterator[None]:
    if not console.err.is_terminal:
        yield
        return
    with Live(said, console=console.err, transient=True, refresh_per_second=12):
        yield
