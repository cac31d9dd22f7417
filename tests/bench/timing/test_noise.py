"""Was the machine quiet? What varies or slows down is said."""

import pytest
from pocketrag.bench.timing.noise import reference

from tests.verbs import judge, notes, ragged, summary


def test_the_reference_takes_time():
    assert 0 < reference() < 10


def test_a_summary_is_in_milliseconds():
    assert summary([n / 1000 for n in range(1, 101)]) == {
        "n": 100,
        "median_ms": 50.5,
        "p90_ms": 90.1,
        "p95_ms": 95.05,
        "p99_ms": 99.01,
    }


def test_percentiles_are_of_the_runs_not_of_rounded_ones():
    # Of the rounded times, all 0 but one, every percentile below the 95th would be 0.
    seconds = [0.0000004] * 15 + [0.002] * 5
    assert summary(seconds)["p90_ms"] == 2.0 and summary(seconds)["median_ms"] == 0.0


@pytest.mark.parametrize(
    ("seconds", "noisy", "word"),
    [
        ([0.001] * 60, False, None),
        ([0.001, 0.00101] * 30, False, None),
        ([0.001, 0.002] * 30, True, "varied"),
        ([0.001] * 30 + [0.00105] * 10 + [0.0012] * 20, True, "slowed down"),
    ],
)
def test_spread_and_drift(seconds, noisy, word):
    found = judge(seconds)
    assert found["noisy"] == noisy and found["n"] == len(seconds)
    assert any(word in note for note in notes(found)) if word else notes(found) == []


def test_a_long_tail_names_its_length():
    run = {
        "runtime": "compiled",
        "threads": 2,
        "lengths": {"32": {"median_ms": 2.0, "p95_ms": 2.2}, "64": {"median_ms": 4.0, "p95_ms": 9.0}},
    }
    (line,) = ragged(run)
    assert "64 tokens" in line and "2.2 times" in line
    run["lengths"]["64"]["p95_ms"] = 4.4
    assert ragged(run) == []
