"""`pocketrag latency`: times and memory, milliseconds and MB (10^6 bytes)."""

from __future__ import annotations

from ..base import Amount, Count, Facts, Length
from ..outcome import GateFacts
from .device import DeviceFacts
from .environment import Measured
from .prediction import PredictionFacts


class Times(Facts):
    """Times of n runs, milliseconds; percentiles are of the runs themselves."""

    n: Count
    median_ms: Amount
    p90_ms: Amount | None = None
    """Absent in reports of versions that did not tell it."""
    p95_ms: Amount
    p99_ms: Amount


class ReferenceTimes(Times):
    """Times of a reference workload between the runs: they say how quiet the machine was."""

    spread: Amount
    """Interquartile range as a share of the median."""
    drift: Amount
    """Median of the last third as a multiple of that of the first."""
    noisy: bool


class Start(Facts):
    """A start in a process of its own, milliseconds."""

    open: Amount
    first: Amount
    """The first answer, once it is open."""


class Resident(Facts):
    """Resident memory of the process, MB; null where the system does not tell."""

    start: Amount | None
    """Python and its libraries alone."""
    open: Amount | None
    end: Amount | None
    peak: Amount | None


class QuestionTimes(Facts):
    """Real questions, from text to answer."""

    n: Count
    mode: str
    """How was ranked."""
    tokenize: Times
    embed: Times
    search: Times
    whole: Times


class RunFacts(Facts):
    """One runtime with so many threads."""

    runtime: str
    """"compiled" (LiteRT's CompiledModel) or "classic" (its Interpreter)."""
    threads: Count
    cold_ms: Start | None
    """Null where the files could not be dropped from the system's cache."""
    warm_ms: Start
    lengths: dict[Length, Times]
    """Tokens of one text -> times of embedding it."""
    questions: QuestionTimes
    memory_mb: Resident

    @property
    def name(self) -> str:
        """What tells it from other runs."""
        return f"{self.runtime}, {self.threads} {'thread' if self.threads == 1 else 'threads'}"


class LatencyFacts(Facts):
    """Times here, on phones, or predicted: whichever was asked for."""

    bundle: str
    devices: dict[str, DeviceFacts] | None = None
    """Serial -> phone; with --device or --results."""
    gates: tuple[GateFacts, ...] | None = None
    """With --device or --results."""
    exit: int | None = None
    """With --device: 0 all required gates pass, 1 one fails, 4 one could not be checked.

    With --results nothing is required.
    """
    prediction: PredictionFacts | None = None
    """With --predict."""
    reference: ReferenceTimes | None = None
    """Of this machine, as all that follows."""
    noisy: bool | None = None
    """The machine was busy while it was timed."""
    notes: tuple[str, ...] = ()
    runs: tuple[RunFacts, ...] = ()


class LatencySection(Measured, LatencyFacts):
    """The same in a report."""
