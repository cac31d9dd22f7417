"""What the suite adds to pytest-benchmark.

Times become ratios to a reference workload that runs before every repeat.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pocketrag.bench.timing.probe import TimedRag

from pocketrag.formats.bundle_check import checked
from pocketrag.formats.layout import Role
from pocketrag.runtime.rag import Rag

from .references import REFERENCES

#: Repeats; the median of so many ratios moves by a few hundredths on a shared machine.
ROUNDS = 60
Measure = Callable[..., None]
OpenRole = Callable[[Role], Rag]


@pytest.fixture(scope="session")
def bundle() -> Path:
    """Return the bundle that is timed: `make bench BUNDLE=…`, by default the demo."""
    folder = Path(os.environ.get("POCKETRAG_BUNDLE", "android_assets/demo"))
    if not folder.is_dir():
        pytest.exit(f"{folder}: no such bundle; `make demo` builds the demo, BUNDLE=… names another.", 2)
    return folder


@pytest.fixture(scope="session")
def rag(bundle: Path) -> Any:  # noqa: ANN401 - a generator of a Rag
    """Open the bundle with one thread.

    The cores are shared, and two that wait for each other measure the neighbours.
    """
    with TimedRag(bundle, checked(bundle), "compiled", 1) as opened:
        yield opened


@pytest.fixture(scope="session")
def open_role(bundle: Path) -> OpenRole:
    """Return what opens the bundle with the encoder of a role alone."""
    manifest = checked(bundle)
    by_role = {encoder.role: encoder for encoder in manifest.encoders}

    def opened(role: Role) -> Rag:
        if role not in by_role:
            pytest.skip(f"the bundle's only encoder is {manifest.main.name}")
        return TimedRag(bundle, manifest, "compiled", 1, by_role[role])

    return opened


@pytest.fixture
def measure(benchmark: Any) -> Measure:  # noqa: ANN401 - pytest-benchmark's fixture has no public type
    """Return `measure(work, like="arithmetic")`.

    Its statistics are in units of that reference, not in seconds.
    """

    def run(work: Callable[[], Any], like: str) -> None:
        reference, seconds = REFERENCES[like], []

        def once() -> float:
            start = time.perf_counter()
            reference()
            return time.perf_counter() - start

        def before() -> None:
            # The lesser of two: a neighbour that takes the core for a moment would make the work look fast.
            seconds.append(min(once(), once()))

        for _ in range(3):
            reference(), work()
        benchmark.pedantic(work, setup=before, rounds=ROUNDS, iterations=1)
        if benchmark.stats is not None:  # None where benchmarks are switched off
            stats = benchmark.stats.stats
            benchmark.extra_info.update(
                like=like, reference_ms=round(sorted(seconds)[len(seconds) // 2] * 1e3, 3)
            )
            stats.data[:] = [spent / one for spent, one in zip(stats.data, seconds, strict=True)]

    return run


def pytest_benchmark_scale_unit(unit: str) -> tuple[str, float] | None:
    """Call the unit what it is."""
    return ("reference", 1.0) if unit == "seconds" else None


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Keep what explains a ratio; no name of a machine, for results are handed on."""
    cpu = machine_info.get("cpu", {})
    kept: dict[str, Any] = {
        key: machine_info[key] for key in ("system", "machine", "python_version") if key in machine_info
    }
    machine_info.clear()
    machine_info.update(kept, cpu={key: cpu[key] for key in ("brand_raw", "arch", "count") if key in cpu})


def pytest_benchmark_update_json(output_json: dict[str, Any]) -> None:
    """Keep the statistics, not every repeat."""
    for one in output_json["benchmarks"]:
        one["stats"].pop("data", None)
