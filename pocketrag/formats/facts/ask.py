"""`pocketrag ask`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, Count, Facts, Mode


class Quote(Facts):
    """A sentence of a passage."""

    number: int
    """Of its source, from 1."""
    text: str


class AnswerSource(Facts):
    """A passage that an answer was made from, or several that follow each other."""

    number: int
    """By which an answer names it, from 1: the best first."""
    corpus: str
    source: str | None
    title: str
    text: str
    ids: tuple[str, ...]
    """Of its passages."""
    tokens: Count
    """Of the embedder."""


class AnsweredFacts(Facts):
    """One question and what is shown for it."""

    question: str
    outcome: Literal["answer", "refused", "abstained", "quotes"]
    """`answer`: the model's, checked; `refused`: the model says that the passages do not answer.

    `abstained`: nothing was generated, since the search found nothing near enough; `quotes`: the passages'
    own sentences.
    """
    text: str
    """What is shown: the answer, the refusal, or the quotes, a line each."""
    why: str | None
    """Why it is no answer; null where it is one."""
    citations: tuple[int, ...]
    """Numbers of the sources that the answer names."""
    quotes: tuple[Quote, ...]
    """With `quotes`: the sentences that share most words with the question."""
    sources: tuple[AnswerSource, ...]
    generated: str | None
    """What the model wrote, shown or not; null where it was not asked."""
    mode: Mode
    """How was searched."""
    best: float | None
    """The best passage's cosine; null where vectors played no part."""
    threshold: float | None
    """Below which nothing is generated."""
    search_seconds: Amount
    first_token_seconds: Amount | None
    """From the prompt to the first text; null where there was none."""
    tokens: Count | None
    """That the model wrote."""
    tokens_per_second: Amount | None
    """After the first one; null where there was one at most."""


class AskFacts(Facts):
    """The answers to one question, or to those of a session."""

    bundle: str
    generator: str | None
    """Name and version; null where passages are quoted instead."""
    no_generator: str | None
    """Why; null where there is one."""
    load_seconds: Amount | None
    """Until the model could be asked."""
    answers: tuple[AnsweredFacts, ...]
    shown: bool
    """Whether they were shown as they came."""
