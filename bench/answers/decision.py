"""Does a generator ship? What must hold of its exam, a row each."""

from __future__ import annotations

from collections.abc import Mapping

from pocketrag.formats.facts.exam import ExamLimits, PackedFacts
from pocketrag.formats.facts.measures import Comparison, MeanWithInterval
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import FAIL, at_least, at_most, failed, judged, skipped, unchecked

#: Prompts that may fail: quotes are shown for them. A choice.
MOST_FAILED = 0.05
#: What is known of answers alone.
OF_ANSWERS = ("seconds", "quantization", "tuning")


def checks_of(packed: PackedFacts, limits: ExamLimits, tuning: Comparison | None) -> dict[str, Outcome]:
    """Return what must hold, in order; the means decide, and intervals say how sure that is.

    Args:
        packed: what ships.
        limits: the recipe's.
        tuning: tuned against base, both with prompt and passages; None where nothing is tuned.

    """
    seconds, memory = packed.seconds, packed.memory_megabytes
    checks = {
        "prompts": _prompts(packed),
        "accuracy": at_least(packed.accuracy.mean, limits.accuracy, _accuracy(packed.accuracy, limits)),
        "seconds": at_most(seconds, limits.seconds, f"median of a whole answer on {packed.host}"),
        "memory": at_most(memory, limits.memory_megabytes, f"MB of the whole process on {packed.host}"),
        "quantization": at_most(
            packed.quantization_loss.mean, limits.quantization_loss, _loss(packed.quantization_loss, limits)
        ),
        "tuning": _tuning(tuning),
        "phone": unchecked("seconds and memory were measured on no phone"),
    }
    if packed.written == 0:  # what was measured was the search
        checks |= dict.fromkeys(OF_ANSWERS, unchecked("the model wrote nothing"))
    return checks


def decided(checks: Mapping[str, Outcome]) -> tuple[bool, str]:
    """Return whether it ships, and why: it does where nothing failed."""
    faults = [f"{name}: {_said(one)}" for name, one in checks.items() if one.outcome == FAIL]
    if faults:
        return False, "; ".join(faults)
    return True, "keeps to every limit here; on a phone time and memory are unchecked"


def _prompts(found: PackedFacts) -> Outcome:
    why = f"; the first: {found.why}" if found.why else ""
    if found.written == 0:
        return failed(f"the model wrote nothing to {found.accuracy.n} questions{why}")
    said = f"share of prompts that the model could not answer, {found.failed} of {found.accuracy.n}{why}"
    return at_most(found.failed / found.accuracy.n, MOST_FAILED, said)


def _accuracy(found: MeanWithInterval, limits: ExamLimits) -> str:
    unsure = "; the interval reaches below the limit" if found.interval[0] < limits.accuracy else ""
    return f"of {found.n} questions, 95 % interval {_interval(found)}; the mean decides{unsure}"


def _loss(found: MeanWithInterval, limits: ExamLimits) -> str:
    above = found.interval[1] > limits.quantization_loss
    unsure = f"; {found.n} questions do not rule out more than the limit" if above else ""
    return f"of accuracy, float32 less packed, 95 % interval {_interval(found)}; the mean decides{unsure}"


def _tuning(found: Comparison | None) -> Outcome:
    if found is None:
        return skipped("nothing is tuned: the base answers as it is")
    low, high = found.interval
    return judged(
        found.verdict != "REGRESSION",
        f"{found.verdict} against the base with prompt and passages: {found.difference:+.4f}, "
        f"95 % interval {low:+.4f} to {high:+.4f}, n = {found.n}",
    )


def _interval(found: MeanWithInterval) -> str:
    return f"{found.interval[0]:.4f} to {found.interval[1]:.4f}"


def _said(one: Outcome) -> str:
    return one.detail if one.value is None else f"{one.value:g}, limit {one.limit:g} ({one.detail})"
