"""`pocketrag parity`: what ships against its float32 reference, on real texts."""

from __future__ import annotations

from .base import CosineOrNone, Count, Facts, Length
from .measures import Agreement, Comparison, CosineOfTexts
from .outcome import GateFacts
from .phone.environment import Measured


class TokenCounts(Facts):
    """Texts that both tokenizers cut alike."""

    n: Count
    same: Count
    trimmed: Count
    """They differ because a token was trimmed."""
    wrong: Count
    """They differ for no such reason."""
    example: str | None
    """The first of these."""


class Padding(Facts):
    """One text through several lengths."""

    n: Count
    least: CosineOrNone
    """Least cosine to the shortest one."""


class _Models(Facts):
    target: str
    embedder: str


class Measurements(Facts):
    """What both models compute of the same texts."""

    n: Count
    """Texts that were compared one by one."""
    tokens: TokenCounts
    cosine: CosineOfTexts
    by_length: dict[Length, CosineOfTexts]
    """Tokens of the signature that a text goes through -> cosine."""
    padding: Padding
    overlap: Agreement | None
    """Top passages that both find; null where there are no passages."""
    ndcg: Comparison | None
    """nDCG@10 against the reference; null where there are no judgements."""


class ParityFacts(Measurements, _Models):
    """A bundle, or a bare model, against its float embedder."""

    gates: tuple[GateFacts, ...]
    exit: int


class ParitySection(Measured, ParityFacts):
    """The same in a report."""
