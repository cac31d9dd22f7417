"""From a question to what is shown: search, abstain or generate, check, fall back to quotes.

`Answering.kt` does the same in the app.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pocketrag.formats.facts.ask import AnsweredFacts, AnswerSource
from pocketrag.formats.facts.search import Block
from pocketrag.formats.tokenizer import clean
from pocketrag.recipe.generator import Generator as Recipe
from pocketrag.recipe.generator import GeneratorPrompt

from ..answer import Answer
from ..rag import Rag
from .budget import fitting
from .check_answer import checked, refuses
from .engine import Engine, GenerationError
from .prompt import messages
from .quotes import quotes

#: Passages that are searched for: more than a budget holds.
LIMIT = 10
#: Of passages, where no generator says how many tokens it takes.
BUDGET = int(Recipe.model_fields["budget"].default)

OnText = Callable[[str], None]


@dataclass(frozen=True)
class Generator:
    """A language model and how it is asked."""

    engine: Engine
    prompt: GeneratorPrompt
    budget: int
    """Tokens of passages, counted by the bundle's own tokenizer."""


@dataclass(frozen=True)
class _Written:
    text: str
    first_seconds: float | None
    seconds: float
    tokens: int
    why: str | None = None

    @property
    def speed(self) -> float | None:
        later = self.seconds - (self.first_seconds or 0)
        return round((self.tokens - 1) / later, 2) if self.tokens > 1 and later > 0 else None


def answer(
    rag: Rag,
    question: str,
    generator: Generator | None,
    *,
    on_text: OnText = lambda _: None,
    threshold: float | None = None,
) -> AnsweredFacts:
    """Answer one question.

    Args:
        rag: an open bundle.
        question: any text.
        generator: what writes the answer; without one the passages are quoted.
        on_text: is told what the model writes as it comes, before anything of it was checked.
        threshold: the cosine below which nothing is generated; by default the bundle's.

    Raises:
        InputError: the question is empty.

    """
    began = time.perf_counter()
    found = rag.search(question, LIMIT, threshold=threshold)
    blocks = fitting(rag, found, generator.budget if generator else BUDGET)
    searched = time.perf_counter() - began
    passages = [(block.title, block.text) for block in blocks]
    why = _too_far(found) or (None if blocks else f"no passage found: {found.nothing}")
    written = None
    if generator and why is None:
        written = _written(generator, messages(generator.prompt, question, passages), on_text)
    return _shown(found, blocks, generator, written, why, searched)


def _too_far(found: Answer) -> str | None:
    if not found.abstain:
        return None
    return f"the best passage's cosine is {found.best:.3f}, below {found.threshold:.3f}"


def _written(generator: Generator, prompt: Sequence[dict[str, str]], on_text: OnText) -> _Written:
    began = time.perf_counter()
    first: float | None = None
    why: str | None = None
    parts: list[str] = []
    try:
        for part in generator.engine.generate(prompt):
            first = first or time.perf_counter() - began
            parts.append(part)
            on_text(part)
    except GenerationError as error:
        why = str(error)
    text = "".join(parts).strip()
    return _Written(text, first, time.perf_counter() - began, generator.engine.count(text), why)


def _shown(
    found: Answer,
    blocks: Sequence[Block],
    generator: Generator | None,
    written: _Written | None,
    why: str | None,
    searched: float,
) -> AnsweredFacts:
    passages = [(block.title, block.text) for block in blocks]
    citations: tuple[int, ...] = ()
    if why is not None:
        outcome = "abstained"
    elif written is None or generator is None:
        outcome, why = "quotes", None
    elif written.why is None and refuses(written.text, generator.prompt.refusal):
        outcome, why = "refused", "the model says that the passages do not answer"
    else:
        said = checked(written.text, passages)
        why = written.why or said.wrong
        outcome, citations = ("answer", said.citations) if why is None else ("quotes", ())
    quoted = quotes(found.question, passages) if outcome == "quotes" else []
    texts = {
        "answer": written.text if written else "",
        "refused": generator.prompt.refusal if generator else "",
    }
    return AnsweredFacts(
        question=clean(found.question),
        outcome=outcome,  # type: ignore[arg-type]
        text=texts.get(outcome, "\n".join(f'"{one.text}" [{one.number}]' for one in quoted)),
        why=why,
        citations=citations,
        quotes=tuple(quoted),
        sources=tuple(_source(n, block) for n, block in enumerate(blocks, start=1)),
        generated=written.text if written else None,
        mode=found.mode,
        best=found.best,
        threshold=found.threshold,
        search_seconds=round(searched, 3),
        first_token_seconds=round(written.first_seconds, 3) if written and written.first_seconds else None,
        tokens=written.tokens if written else None,
        tokens_per_second=written.speed if written else None,
    )


def _source(number: int, block: Block) -> AnswerSource:
    return AnswerSource(
        number=number,
        corpus=block.corpus,
        source=block.source,
        title=block.title,
        text=block.text,
        ids=block.ids,
        tokens=block.tokens,
    )
