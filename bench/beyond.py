"""Gates that need more than a bundle: its float embedder, an emulator, a phone. Each runs where it is asked for; a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.golden import GOLDEN, read_golden
from pocketrag.manifest import Manifest

from .outcome import DEVICE, EMULATOR, Outcome, unchecked

_, LATENCY, _ = DEVICE
#: Outcomes, and what was measured by the report's sections.
Found = tuple[list[Outcome], dict[str, Any]]


@dataclass(frozen=True)
class Means:
    """What `verify` was given besides the bundle."""

    embedder: str | None = None
    """SentenceTransformer folder or hub id."""
    emulator: bool = False
    device: str | None = None
    """A serial of adb, or "all"."""
    binary: str | None = None
    """LiteRT's benchmark_model for arm64."""
    predict: bool = False

    def __post_init__(self) -> None:
        """Refuse a program for phones where no phone is named.

        Raises:
            InputError: so it is.

        """
        if self.binary and not self.device:
            raise InputError(f"--benchmark-binary {self.binary}: runs on a phone; name one with --device SERIAL or all.")


@dataclass(frozen=True)
class Beyond:
    """One of the means."""

    gates: tuple[str, ...]
    """What it reports; listed as unchecked where it did not run."""
    asked: Callable[[Means], bool]
    without: str
    """Why it did not run where nobody asked."""
    run: Callable[[Path, Manifest, Means], Found]


def run(folder: Path, manifest: Manifest, means: Means) -> Found:
    """Run what was asked for on a bundle that opens; the rest is unchecked.

    Raises:
        InputError: no such embedder, no emulator on this system, no such device, no benchmark_model.

    """
    outcomes: list[Outcome] = []
    facts: dict[str, Any] = {}
    for row in ROWS:
        if row.asked(means):
            found, more = row.run(folder, manifest, means)
            facts |= more
        else:
            found = [unchecked(name, row.without) for name in row.gates]
        outcomes += found
    return _predicted(folder, outcomes, facts) if means.predict else (outcomes, facts)


def skipped(why: str) -> list[Outcome]:
    """Return the same gates, none of them checked."""
    return [unchecked(name, why) for row in ROWS for name in row.gates]


def asked(means: Means) -> frozenset[str]:
    """Return the gates that somebody asked for: they are required, whatever the purpose."""
    return frozenset(name for row in ROWS if row.asked(means) for name in row.gates)


def _parity(folder: Path, _: Manifest, means: Means) -> Found:
    from .parity import measured

    facts = measured(str(folder), str(means.embedder))
    # nDCG@10 needs judgements; the gate `quality` reads what the build measured with them.
    found = [Outcome(**{**gate, "gate": f"parity_{gate['gate']}"}) for gate in facts["gates"] if gate["gate"] != "quality"]
    return found, {"parity": facts}


def _emulator(folder: Path, manifest: Manifest, _: Means) -> Found:
    from .emulate import gates

    found, facts = gates(folder, manifest, read_golden(folder / GOLDEN))
    return found, {"emulator": facts}


def on_device(folder: Path, manifest: Manifest, means: Means) -> Found:
    """Measure on attached phones.

    Raises:
        InputError: no adb, no such device, no benchmark_model.

    """
    from .device import gates

    binary = Path(means.binary) if means.binary else None
    found, facts = gates(folder, manifest, read_golden(folder / GOLDEN), str(means.device), binary)
    return found, {"devices": {one["serial"]: one for one in facts["devices"]}}


def _predicted(folder: Path, outcomes: list[Outcome], facts: dict[str, Any]) -> Found:
    # Beside what a phone would show, never in its place: the outcome stays what it is.
    found = predicted(folder)
    said = f"; a prediction, not a measurement: {_in_words(found)}"
    outcomes = [replace(o, detail=o.detail + said) if o.gate == LATENCY else o for o in outcomes]
    return outcomes, {**facts, "prediction": found}


def predicted(folder: Path) -> dict[str, Any]:
    """Predict phones that are not here."""
    from .predict import predict

    return predict(folder)


def _in_words(found: dict[str, Any]) -> str:
    rows = [row for row in found["rows"] if row["length"] == "questions"]
    kinds = (("kept on", True), ("perhaps on", None), ("not on", False))
    parts = [
        f"{words} {', '.join(sorted({row['device'] for row in rows if row['meets'] is meets}))}"
        for words, meets in kinds
        if any(row["meets"] is meets for row in rows)
    ]
    return f"{found['limit_ms']:g} ms a question {'; '.join(parts)}"


ROWS = (
    Beyond(
        ("parity_tokens", "parity_vectors", "parity_cosine", "parity_padding", "parity_overlap"),
        lambda means: means.embedder is not None,
        "not asked for (--embedder DIR)",
        _parity,
    ),
    Beyond(
        EMULATOR,
        lambda means: means.emulator,
        "not asked for (--emulator)",
        _emulator,
    ),
    Beyond(
        DEVICE,
        lambda means: means.device is not None,
        "no Android device was given (--device SERIAL or all)",
        on_device,
    ),
)
