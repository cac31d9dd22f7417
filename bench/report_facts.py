"""What a page shows of a report, checked section by section: a section is whole, missing, or not readable, and the page says which.

Reports come from other machines and other versions. A key that is missing is None; one that has the wrong type makes its section
unreadable, and no other.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationError

from pocketrag.reports import Report

Number = FiniteFloat | None
Interval = tuple[FiniteFloat, FiniteFloat] | None


def _named(value: object) -> object:
    # Written either way: one number, or several with their names.
    return {"": value} if isinstance(value, int | float) else value


Numbers = dict[str, Number]
NumberOrNumbers = Annotated[Numbers, BeforeValidator(_named)]


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
    outcome: Literal["pass", "fail", "unchecked"]
    detail: str = ""
    value: Number = None
    limit: Number = None


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
    median_ms: Number = None
    p95_ms: Number = None
    p99_ms: Number = None


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
    cold_ms: Numbers = {}
    warm_ms: Numbers = {}
    memory_mb: Numbers = {}
    lengths: dict[int, Spread] = {}
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
    by_length: dict[int, Similar] = {}
    padding: dict[str, Any] = {}
    overlap: Mean | None = None
    ndcg: Difference | None = None
    environment: Environment = Environment()


class Predicted(Part):
    """A predicted time."""

    device: str
    soc: str | None = None
    length: int
    ms: FiniteFloat
    low_ms: Number = None
    high_ms: Number = None
    meets: bool | str | None = None


class Prediction(Part):
    """Times that nobody measured."""

    limit_ms: Number = None
    rows: list[Predicted] = []
    fit: dict[str, Any] = {}
    assumes: list[str] = []
    environment: Environment = Environment()


class Device(Part):
    """A phone, measured."""

    model: str | None = None
    soc: str | None = None
    android: str | int | None = None
    threads: int | None = None
    lengths: dict[int, dict[str, Any]] = {}
    questions_ms: NumberOrNumbers | None = None
    memory_mb: NumberOrNumbers | None = None
    parity: Similar | None = None
    thermal: Any = None
    environment: Environment = Environment()


class Build(Part):
    """The build."""

    seconds: Number = None
    environment: Environment = Environment()


P = TypeVar("P", bound=Part)


class Facts:
    """A report's sections: each one checked, or None and why."""

    def __init__(self, report: Report) -> None:
        """Check them all."""
        #: Section -> what is wrong with it.
        self.unreadable: dict[str, str] = {}
        self.report = report
        self.gates: list[Gate] = [g for n, row in enumerate(report.gates) if (g := self._read(Gate, row, f"gates.{n}"))]
        self.verdict = self._read(Verdict, report.verdict, "verdict")
        self.quality = self._read(Quality, report.quality or None, "quality")
        self.build = self._read(Build, report.build, "build")
        self.verify = self._read(Verify, report.verify, "verify")
        self.latency = self._read(Latency, report.latency, "latency")
        self.parity = self._read(Parity, report.parity, "parity")
        self.prediction = self._read(Prediction, report.prediction, "prediction")
        found = {key: self._read(Device, row, f"devices.{key}") for key, row in report.devices.items()}
        self.devices: dict[str, Device] = {key: device for key, device in found.items() if device}

    def _read(self, part: type[P], values: Any, section: str) -> P | None:  # noqa: ANN401 - any JSON value
        if values is None:
            return None
        try:
            return part.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            self.unreadable[section] = f"`{'.'.join(map(str, (section, *first['loc'])))}`: {first['msg']}"
            return None

    def broken(self, section: str) -> list[str]:
        """Return what is wrong with a section and its parts."""
        return [why for name, why in self.unreadable.items() if name.split(".")[0] == section]
