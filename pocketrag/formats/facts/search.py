"""`pocketrag search`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from .base import Facts, JsonObject, Mode

STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True)
class Found:
    """One passage found; the runtime's `Hit` is one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rank: int
    """1 is the best."""
    score: float
    """Cosine (dense), BM25 score, or the fused score (hybrid): at most 1."""
    cosine: float | None
    """To the question; null where the passage was not among the nearest, or vectors played no part."""
    dense_rank: int | None
    """Its place by vectors alone; null where it was not among the first, or vectors played no part."""
    bm25_rank: int | None
    """The same by full text alone."""
    corpus: str
    """The name of the bundle it is from."""
    n: int
    """Its place in the corpus; `n` - 1 and `n` + 1 are its neighbours."""
    id: str
    title: str
    text: str
    source: str | None
    page: int | None
    parent: str | None
    """The section it was cut from."""
    metadata: JsonObject


@dataclass(frozen=True)
class Block:
    """Passages of one source that follow each other, in reading order."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rank: int
    """Of the best hit among them."""
    corpus: str
    source: str | None
    title: str
    """Of the first of them."""
    text: str
    """Theirs, joined by an empty line."""
    ids: tuple[str, ...]
    tokens: int


class SearchFacts(Facts):
    """The passages found for a question."""

    bundle: str
    question: str
    """As it was searched for: cleaned."""
    mode: Mode
    """How was ranked: not always what was asked for, see `fell_back`."""
    encoder: str | None
    """The name of the encoder whose vector found them; null where full text alone did."""
    encoders: tuple[str, ...]
    """Those of the bundle that could be asked, in their order."""
    fell_back: str | None
    """Why not the encoder answered that was asked first; null where it did, or nobody asked for vectors."""
    best: float | None
    """The best passage's cosine; null where vectors played no part."""
    threshold: float | None
    """Below which `best` means that the corpus probably holds no answer."""
    abstain: bool
    """Whether the app had better say that it does not know."""
    hits: tuple[Found, ...]
    nothing: str | None = None
    """Why there are no hits; null where there are some."""
    context: tuple[Block, ...] = ()
    """With --context: the passages with their sections or neighbours."""
    version: str | None = None
    """Of the first bundle, and so its `model_id`: which build answered."""
    model_id: str | None = None
