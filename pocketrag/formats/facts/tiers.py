"""`NAME.tiers.json`, which says what answers on which phone, and `pocketrag tiers`, which writes it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from ..identity import NAME, VERSION
from .base import Amount, Count, Facts, Sha256

CONTRACT: Final = 1
#: In rising order: of those that a phone can have, the last one answers.
TierName = Literal["free", "standard", "premium"]
ORDER: tuple[TierName, ...] = ("free", "standard", "premium")
#: What answers: the passages' own sentences, a language model on the phone, or one elsewhere.
Answers = Literal["quotes", "generator", "server"]
LimitName = Literal["accuracy", "quantization_loss", "seconds", "memory_megabytes"]
#: One name within a folder: no separator, and no dot at its beginning.
PLAIN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
#: Play's name of a pack.
PACK = r"^[A-Za-z][A-Za-z0-9_]{0,99}$"
#: Without user, password, query and fragment: the file lies in every copy of the app.
URL = r"^https://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,400})?$"
#: What the server calls its model.
MODEL = r"^[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,199}$"
#: Characters of a reason, at most.
LONGEST = 2000

Share = Annotated[float, Field(ge=0, le=1)]
Plain = Annotated[str, StringConstraints(pattern=PLAIN)]
Why = Annotated[str, StringConstraints(max_length=LONGEST)]


class _Strict(Facts):
    """No text is taken for a number, and no number for a text: the phone does neither."""

    model_config = ConfigDict(strict=True)


class TierFile(_Strict):
    """One file of a pack."""

    bytes: Count
    sha256: Sha256


class TierPack(_Strict):
    """What a phone downloads for a tier."""

    name: Annotated[str, StringConstraints(pattern=PACK)]
    """Play's name of the pack."""
    folder: Plain
    """In the pack's assets, below `pocketrag/`; beside the bundle where it was built."""
    bytes: Count
    """Of all its files."""
    files: Annotated[dict[Plain, TierFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _sum(self) -> TierPack:
        if self.bytes != sum(file.bytes for file in self.files.values()):
            raise ValueError("bytes: not the sum of its files")
        return self


class TierServer(_Strict):
    """An OpenAI-compatible endpoint. The libraries open no connection: the app does."""

    url: Annotated[str, StringConstraints(pattern=URL)]
    model: Annotated[str, StringConstraints(pattern=MODEL)]


class TierExam(_Strict):
    """What the tier's answers came to in the exam."""

    accuracy: Share
    """Of all questions, answered or refused rightly."""
    interval: tuple[Share, Share]
    """95 %."""
    questions: Annotated[Count, Field(ge=1)]


class TierTimes(_Strict):
    """Medians of an answer, and the most memory that it took."""

    host: Annotated[str, StringConstraints(max_length=LONGEST)]
    """The processor."""
    phone: bool
    """Whether that is a phone's. A desktop's times are never a phone's."""
    seconds: Amount
    """A whole answer, with its search."""
    first_token_seconds: Amount | None
    tokens_per_second: Amount | None
    memory_megabytes: Amount


class TierLimit(_Strict):
    """A limit of `[generator.limits]` that the tier is held to."""

    limit: Amount
    value: Annotated[float, Field(ge=-1e15, le=1e15)] | None
    holds: bool | None
    """Null: unchecked, which is never a pass."""
    why: Why


class Tier(_Strict):
    """One level of what answers."""

    name: TierName
    answers: Answers
    memory_megabytes: Annotated[int, Field(ge=0, le=10**9)]
    """The least total memory of a phone, as Android reports it (10^6 bytes)."""
    pack: TierPack | None
    server: TierServer | None
    exam: TierExam | None
    """Null: unchecked. Without an exam no model ships."""
    measured: TierTimes | None
    limits: dict[LimitName, TierLimit]
    ships: bool
    why: Why

    @model_validator(mode="after")
    def _whole(self) -> Tier:
        if (self.answers == "generator") != (self.pack is not None):
            raise ValueError("pack: a generator has one, and nothing else has")
        if (self.answers == "server") != (self.server is not None):
            raise ValueError("server: that tier names one, and no other does")
        failed = [name for name, row in self.limits.items() if row.holds is False]
        if self.ships and self.answers != "quotes" and (self.exam is None or failed):
            raise ValueError("ships: not without an exam, nor beyond a limit")
        return self


class OfferFacts(Facts):
    """The file."""

    model_config = ConfigDict(strict=True)

    contract: Annotated[int, Field(ge=CONTRACT, le=CONTRACT)]
    name: Annotated[str, StringConstraints(pattern=NAME)]
    """The bundle's."""
    version: Annotated[str, StringConstraints(pattern=VERSION)]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    """In rising order; the first is the free one, which every phone has."""

    @model_validator(mode="after")
    def _ordered(self) -> OfferFacts:
        found = [ORDER.index(tier.name) for tier in self.tiers]
        if found != sorted(set(found)):
            raise ValueError("tiers: each once, in the order free, standard, premium")
        first = self.tiers[0]
        if (first.name, first.answers, first.memory_megabytes, first.ships) != ("free", "quotes", 0, True):
            raise ValueError("tiers: the first is free, quotes, and ships to every phone")
        return self


class ChosenTier(Facts):
    """What a phone gets."""

    memory_megabytes: Count
    server: bool
    """Whether the app may ask a server."""
    tier: TierName


class TiersFacts(OfferFacts):
    """What was written, where, and what a phone gets of it."""

    file: str
    sha256: Sha256
    chosen: tuple[ChosenTier, ...] = ()
    """With `--memory`: once its pack is there, without and with a server."""
