"""What a page shows of each section of a report. A key that is missing is None; what a page doesn't show is not looked at."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from pocketrag.formats.facts.outcome import Earlier, OutcomeWord

#: Far beyond anything measured, and near enough for a picture's arithmetic.
FAR = 1e15
Finite = Annotated[float, Field(ge=-FAR, le=FAR)]
Number = Finite | None
#: A time or a size.
Amount = Annotated[float, Field(ge=0, le=FAR)]
Interval = tuple[Finite, Finite] | None
#: In tokens.
Length = Annotated[int, Field(ge=1, le=1_000_000)]


Amounts = dict[str, Amount | None]


class Part(BaseModel):
    """A part of a report; what it holds beyond this is not shown."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Environment(Part):
    """Where and when a section was measured."""

    time: str | None = None
    machine: dict[str, Any] = {}
    versions: dict[str, Any] = {}
    commit: str | None = None
    dirty: bool | None = None


class Gate(Part):
    """A gate's outcome."""

    gate: str
    outcome: OutcomeWord
    detail: str = ""
    value: Number = None
    limit: Number = None
    measured: Earlier | None = None

    @property
    def said(self) -> str:
        """The detail, and when it was measured if not by the last `verify`."""
        return f"{self.detail}; {self.measured}" if self.measured else self.detail


class Similar(Part):
    """Cosine to the float twin or to the golden vectors."""

    n: int | None = None
    mean: Number = None
    least: Number = None


class Difference(Part):
    """A measure's difference over n questions, with its 95 % interval."""

    n: int | None = None
    difference: Number = None
    interval: Interval = None
    better: int | None = None
    worse: int | None = None
    verdict: str | None = None
    mode: str | None = None


class Mean(Part):
    """A mean over n questions, with its 95 % interval."""

    n: int | None = None
    mean: Number = None
    interval: Interval = None
    top: int | None = None


class Verdict(Part):
    """Which model ships, on which evidence."""

    ships: str = ""
    reason: str = ""
    tuned: Difference | None = None
    shipped: Difference | None = None
    searched: Difference | None = None
    guard: Difference | None = None
    accepted_regression: bool = False


class Model(Part):
    """The measures of one model; they have names like `ndcg@10`, so they are read as they stand."""

    model_config = ConfigDict(extra="allow", frozen=True)

    n: int | None = None
    modes: dict[str, dict[str, Any]] = {}
    by_difficulty: dict[str, dict[str, Any]] = {}
    by_category: dict[str, dict[str, Any]] = {}
    agreement: Mean | None = None


class Quality(Part):
    """The models of a build."""

    base: Model | None = None
    tuned: Model | None = None
    shipped: Model | None = None


class Cpu(Part):
    """The model on one emulated CPU."""

    cpu: str = ""
    litert: str | None = None
    runtime: str | None = None
    n: int | None = None
    mean: Number = None
    least: Number = None
    overlap: Number = None
    decides: bool | None = None


class Emulator(Part):
    """The model on emulated CPUs: parity, never time."""

    cpus: list[Cpu] = []
    export_litert: str | None = None
    qemu: str | None = None
    environment: Environment = Environment()


class Verify(Part):
    """The last run of the gates."""

    purpose: str | None = Field(None, alias="for")
    exit: int | None = None
    emulator: Emulator | None = None
    environment: Environment = Environment()


class Spread(Part):
    """Times in milliseconds."""

    n: int | None = None
    median_ms: Amount | None = None
    p95_ms: Amount | None = None
    p99_ms: Amount | None = None


class Questions(Part):
    """Real questions, from text to answer."""

    n: int | None = None
    tokenize: Spread = Spread()
    embed: Spread = Spread()
    search: Spread = Spread()
    whole: Spread = Spread()


class Run(Part):
    """One runtime with so many threads."""

    runtime: str = ""
    threads: int | None = None
    cold_ms: Amounts | None = None
    """None where the files could not be dropped from the system's cache."""
    warm_ms: Amounts | None = None
    memory_mb: Amounts = {}
    lengths: dict[Length, Spread] = {}
    questions: Questions | None = None

    @property
    def name(self) -> str:
        """What tells it from other runs."""
        return f"{self.runtime}, {self.threads} {'thread' if self.threads == 1 else 'threads'}"


class Latency(Part):
    """Times and memory on the host."""

    noisy: bool | None = None
    notes: list[str] = []
    runs: list[Run] = []
    environment: Environment = Environment()


class Parity(Part):
    """The model against its float twin, on real texts."""

    target: str | None = None
    embedder: str | None = None
    n: int | None = None
    cosine: Similar | None = None
    by_length: dict[Length, Similar] = {}
    padding: dict[str, Any] = {}
    overlap: Mean | None = None
    ndcg: Difference | None = None
    environment: Environment = Environment()


class Predicted(Part):
    """A predicted time."""

    device: str
    soc: str | None = None
    length: Length | str
    """Tokens, or "questions": the mean over the golden ones."""
    ms: Amount
    low_ms: Amount | None = None
    high_ms: Amount | None = None
    meets: bool | None = None
    """None where the limit lies in the interval."""


class Point(Part):
    """A published time, and what the prediction says of it."""

    device: str = ""
    soc: str = ""
    model: str = ""
    length: Length | None = None
    measured_ms: Amount | None = None
    predicted_ms: Amount | None = None
    soc_left_out_ms: Amount | None = None
    error: Number = None
    """Of the prediction, as a share of what was measured."""
    source: str = ""


class Fit(Part):
    """What the prediction stands on."""

    points: list[Point] = []
    checks: list[Point] = []
    """Published times that no fit saw."""


class Prediction(Part):
    """Times that nobody measured."""

    limit_ms: Amount | None = None
    rows: list[Predicted] = []
    fit: Fit = Fit()
    assumes: list[str] = []
    environment: Environment = Environment()


class Phone(Part):
    """What a phone is."""

    manufacturer: str | None = None
    model: str | None = None
    soc: str | None = None
    android: str | int | None = None
    emulated: bool = False
    """Android's emulator: no phone, and its times are no latency."""


class Repeated(Part):
    """Repeated runs of one length, as benchmark_model prints them, ms."""

    avg: Amount | None = None
    median: Amount | None = None
    p95: Amount | None = None


class Device(Part):
    """A phone, measured."""

    phone: Phone = Phone()
    threads: int | None = None
    latency_ms: dict[Length, Repeated] = {}
    mean_ms: Amount | None = None
    """Over the lengths of real questions."""
    memory_mb: Amounts = {}
    """Length -> the most, while only that one runs."""
    parity: Similar | None = None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    throttled: bool | None = None
    noisy: bool | None = None
    trouble: str | None = None
    environment: Environment = Environment()

    @property
    def name(self) -> str:
        """What people call it."""
        words = [word for word in (self.phone.manufacturer, self.phone.model) if word]
        return f"{' '.join(words) or 'a device'}{' (an Android emulator)' if self.phone.emulated else ''}"


class Build(Part):
    """The build."""

    seconds: Amount | None = None
    environment: Environment = Environment()
