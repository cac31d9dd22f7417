"""A prediction beside the gate that only a phone passes: it is said, and changes no outcome."""

from __future__ import annotations

from collections.abc import Iterable

from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.phone.prediction import PredictionFacts

#: What a prediction is about.
LATENCY = "device_latency"


def with_prediction(outcomes: Iterable[GateFacts], prediction: PredictionFacts) -> list[GateFacts]:
    """Add a prediction to the detail of the gate on latency."""
    said = f"; a prediction, not a measurement: {_in_words(prediction)}"
    return [
        one.model_copy(update={"detail": one.detail + said}) if one.gate == LATENCY else one
        for one in outcomes
    ]


def _in_words(found: PredictionFacts) -> str:
    rows = [row for row in found.rows if row.length == "questions"]
    kinds = (("kept on", True), ("perhaps on", None), ("not on", False))
    parts = [
        f"{words} {', '.join(sorted({row.device for row in rows if row.meets is meets}))}"
        for words, meets in kinds
        if any(row.meets is meets for row in rows)
    ]
    return f"{found.limit_ms:g} ms a question {'; '.join(parts)}"
