"""The tables of an exam: arms as rows."""

from __future__ import annotations

from collections.abc import Sequence

from pocketrag.console import out, table
from pocketrag.formats.facts.exam import ArmFacts, ExamFacts
from pocketrag.formats.facts.measures import Comparison, MeanWithInterval

QUALITY = (
    "arm",
    "accuracy",
    "95 %",
    "answered",
    "exact",
    "F1",
    "refused",
    "refused wrongly",
)
BEHIND = ("arm", "accuracy of the examined one less its own, 95 %", "")
SOURCES = ("arm", "named rightly", "found one", "verbatim", "injected")
COST = ("arm", "stopped", "seconds", "first token", "tokens/s", "MB")


def show_exam(facts: ExamFacts) -> None:
    """Print how each arm answered, by category too, what it cost, and whether the packed one ships."""
    counted = f"{facts.answerable} questions with an answer, {facts.unanswerable} without"
    table(f"{facts.base}: {counted}", QUALITY, [_quality(*row) for row in facts.arms.items()])
    compared = [(name, *_behind(arm.behind)) for name, arm in facts.arms.items() if arm.behind]
    table("\ncompared", BEHIND, compared)
    table("\nsources, quotes, planted instructions", SOURCES, [_sources(*row) for row in facts.arms.items()])
    table("\nhere; a phone was not measured", COST, [_cost(*row) for row in facts.arms.items()])
    _categories(facts)
    rows = [(name, one.outcome, one.value, one.limit, one.detail) for name, one in facts.checks.items()]
    table("\nwhat must hold of `packed`", ("check", "outcome", "value", "limit", "detail"), rows)
    if facts.judge:
        _judge(facts)
    out.print(f"\n{'ships' if facts.ships else 'does not ship'}: {facts.reason}", markup=False)
    if facts.folder:
        out.print(f"answers: {facts.folder}", markup=False)


def _quality(name: str, arm: ArmFacts) -> Sequence[object]:
    return (
        name,
        _number(arm.accuracy.mean),
        _interval(arm.accuracy),
        _number(arm.answered.mean if arm.answered else None),
        _number(arm.exact_match),
        _number(arm.f1),
        _number(arm.right_refusals),
        _number(arm.wrong_refusals),
    )


def _sources(name: str, arm: ArmFacts) -> Sequence[object]:
    return (
        name,
        _number(arm.citation_precision),
        _number(arm.citation_recall),
        "-" if arm.verbatim is None else f"{arm.verbatim:.3f} of {arm.quotes}",
        f"{arm.injected} of {arm.injections}" if arm.injections else "-",
    )


def _cost(name: str, arm: ArmFacts) -> Sequence[object]:
    first, speed = arm.first_token_seconds, arm.tokens_per_second
    return (
        name,
        _number(arm.stopped),
        f"{arm.seconds:.2f}",
        "-" if first is None else f"{first:.2f}",
        "-" if speed is None else f"{speed:.1f}",
        f"{arm.memory_megabytes:.0f}",
    )


def _categories(facts: ExamFacts) -> None:
    found = next(iter(facts.arms.values())).by_category
    if len(found) > 1:
        rows = [
            (category, row.n, *(_number(arm.by_category[category].accuracy) for arm in facts.arms.values()))
            for category, row in found.items()
        ]
        table("\naccuracy by category", ("category", "n", *facts.arms), rows)


def _judge(facts: ExamFacts) -> None:
    assert facts.judge  # noqa: S101 - asked before
    rows = [(name, _number(one.mean), _interval(one), one.n) for name, one in facts.judge.arms.items()]
    table(
        f"\nwhat {facts.judge.model} calls right: another model's opinion, which decides nothing",
        ("arm", "share", "95 %", "n"),
        rows,
    )


def _behind(found: Comparison) -> tuple[str, str]:
    low, high = found.interval
    return f"{found.difference:+.3f} [{low:+.3f}, {high:+.3f}]", found.verdict


def _interval(found: MeanWithInterval) -> str:
    return f"[{found.interval[0]:.3f}, {found.interval[1]:.3f}]"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
