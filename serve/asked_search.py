"""One search for the page: its hits, why each was found, and how long each part took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.layout import MAIN, ROLES, Role
from pocketrag.runtime.answer import Answer
from pocketrag.runtime.queries import Where
from pocketrag.runtime.rag import Rag

from .matched_words import MatchedWords

MODES: tuple[Mode, ...] = ("dense", "bm25", "hybrid")
#: Hits at most, tokens of context at most, and letters of a question at most.
MOST, MOST_TOKENS, LONGEST = 100, 100_000, 10_000


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    question: str
    encoder: Role = MAIN
    mode: Mode | None = None
    limit: int = 10
    threshold: float | None = None
    where: Where | None = None
    context: int = 0
    """Tokens of passages that a generator would get; 0 leaves them out."""


def read_asked(body: Mapping[str, Any]) -> Asked:
    """Read a request.

    Raises:
        InputError: a key is unknown, or a value is none.

    """
    if other := set(body) - {"bundle", *Asked.__dataclass_fields__}:
        raise InputError(f"`{min(other)}`: unknown.")
    question = body.get("question")
    if not isinstance(question, str) or not question.strip() or len(question) > LONGEST:
        raise InputError(f"`question`: must be text of 1 to {LONGEST:,} letters.")
    return Asked(
        question=question,
        encoder=_one_of(body, "encoder", tuple(ROLES)) or MAIN,
        mode=_one_of(body, "mode", MODES),
        limit=_whole(body, "limit", 10, MOST),
        threshold=_threshold(body.get("threshold")),
        where=_where(body.get("where")),
        context=_whole(body, "context", 0, MOST_TOKENS),
    )


def found(rag: Rag, words: MatchedWords, asked: Asked) -> dict[str, Any]:
    """Search, and return the hits with what the page marks, as JSON."""
    began = time.perf_counter()
    answer = rag.search(
        asked.question, asked.limit, threshold=asked.threshold, mode=asked.mode, where=asked.where
    )
    whole = time.perf_counter() - began
    blocks = rag.context(answer, asked.context) if asked.context else []
    wanted = words.wanted(asked.question)
    return {
        "mode": answer.mode,
        "encoder": answer.encoder,
        "fell_back": answer.fell_back,
        "best": answer.best,
        "threshold": answer.threshold,
        "abstain": answer.abstain,
        "nothing": answer.nothing,
        "hits": [_hit(hit, words, wanted) for hit in answer.hits],
        "context": [{"title": one.title, "text": one.text, "tokens": one.tokens} for one in blocks],
        "times": _times(rag, asked, answer, whole),
    }


def _hit(hit: Any, words: MatchedWords, wanted: set[str]) -> dict[str, Any]:  # noqa: ANN401 - a hit
    return {
        "rank": hit.rank,
        "id": hit.id,
        "corpus": hit.corpus,
        "title": hit.title,
        "text": hit.text,
        "source": hit.source,
        "page": hit.page,
        "cosine": hit.cosine,
        "dense_rank": hit.dense_rank,
        "bm25_rank": hit.bm25_rank,
        "marks": words.spans(hit.text, wanted),
        "title_marks": words.spans(hit.title, wanted),
    }


def _times(rag: Rag, asked: Asked, answer: Answer, whole: float) -> dict[str, float]:
    """Return milliseconds of the search, and of its parts, run once more by themselves."""
    times = {"whole": whole}
    if answer.encoder is not None:
        began = time.perf_counter()
        vector = rag.embed(asked.question)
        times["embedding"] = time.perf_counter() - began
        began = time.perf_counter()
        rag.nearest(vector, asked.limit, asked.where)
        times["vectors"] = time.perf_counter() - began
    if answer.mode != "dense":
        began = time.perf_counter()
        rag.bm25(asked.question, asked.limit, asked.where)
        times["full text"] = time.perf_counter() - began
    return {name: round(1000 * seconds, 2) for name, seconds in times.items()}


def _one_of(body: Mapping[str, Any], key: str, known: tuple[Any, ...]) -> Any:  # noqa: ANN401 - one of `known`
    said = body.get(key)
    if said is None or said in known:
        return said
    raise InputError(f"`{key}`: must be one of {', '.join(known)}.")


def _whole(body: Mapping[str, Any], key: str, default: int, most: int) -> int:
    said = body.get(key, default)
    if isinstance(said, bool) or not isinstance(said, int) or not min(default, 1) <= said <= most:
        raise InputError(f"`{key}`: must be a whole number up to {most:,}.")
    return said


def _threshold(said: object) -> float | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not -1 <= said <= 1:
        raise InputError("`threshold`: must be a cosine, -1 to 1.")
    return float(said)


def _where(said: object) -> Where | None:
    if said is None or said == {}:
        return None
    if not isinstance(said, dict) or not all(isinstance(values, list) for values in said.values()):
        raise InputError('`where`: must be lists of values by key, such as {"source": ["rules.pdf"]}.')
    return said
