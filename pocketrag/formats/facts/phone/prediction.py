"""What phones would probably take. A prediction is never a pass."""

from __future__ import annotations

from typing import Literal

from ..base import Amount, Count, Facts, Length, Number
from .environment import Measured


class PredictedTime(Facts):
    """A predicted time, milliseconds."""

    device: str
    soc: str
    length: Length | str
    """Tokens, or "questions": the mean over the golden ones."""
    ms: Amount
    low_ms: Amount
    high_ms: Amount
    meets: bool | None
    """True where the whole interval keeps to the limit, false where none of it does, else null."""


class PredictedAnswer(Facts):
    """What keeps to the limit on one phone."""

    device: str
    soc: str
    meets: Length | None
    """The longest length of which the whole interval does."""
    may_meet: Length | None
    """The longest of which a part does."""
    millions: dict[Length, Amount]
    """Length -> million weights that a model of this shape may have so that its whole interval does."""


class Published(Facts):
    """A published time, and what the prediction says of it, milliseconds."""

    device: str
    soc: str
    model: str
    length: Length
    measured_ms: Count | Amount
    """As it was published, so a whole number where that was one."""
    predicted_ms: Amount
    source: str


class Unfitted(Published):
    """A published time that no fit saw."""

    error: Number
    """Of the prediction, as a share of what was measured."""


class Fitted(Published):
    """A published time that the prediction is fitted to."""

    left_out_ms: Amount
    """Predicted from all the others."""
    soc_left_out_ms: Amount
    """Predicted from those of other SoCs."""
    error: Number
    """Of the prediction from all the others, as a share of what was measured."""


class Efficiency(Facts):
    """Share of the cores' arithmetic that is reached."""

    int8: Amount
    float32: Amount


class Factor(Facts):
    """By how much a prediction may be off."""

    measured_soc: Amount
    other_soc: Amount


class FitFacts(Facts):
    """What the prediction stands on."""

    efficiency: Efficiency
    points: tuple[Fitted, ...]
    checks: tuple[Unfitted, ...]
    worst_error: Number
    factor: Factor


class PredictionFacts(Facts):
    """Times that nobody measured."""

    label: Literal["prediction"]
    limit_ms: Amount
    threads: Count
    rows: tuple[PredictedTime, ...]
    answers: tuple[PredictedAnswer, ...]
    fit: FitFacts
    assumes: tuple[str, ...]


class PredictionSection(Measured, PredictionFacts):
    """The same in a report."""
