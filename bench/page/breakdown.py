"""Quality by what the questions' metadata say: what each kind of question gained, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pocketrag.formats.facts.evaluate import KEYS, JudgedFacts
from pocketrag.formats.facts.measures import Means

from .bar_chart import Bar, draw
from .blocks import Block, Figures, LabelledReport, More, Table, count, number, picture, signed


@dataclass(frozen=True)
class Gain:
    """By how much nDCG@10 of one kind of question rose."""

    kind: str
    n: int | None
    mean: float
    interval: tuple[float, float] | None = None
    """Of 95 %; absent where no build wrote one."""


LINES = "Lines are 95 % intervals; one that crosses 0 shows no gain"
#: Model -> kind of question -> means.
Found = dict[str, dict[str, Means]]


def by_kind(one: LabelledReport, judged: Mapping[str, JudgedFacts]) -> Iterator[Block]:
    """Give what each kind of question gained against the base, then the same in numbers."""
    drawn = []
    for key in KEYS:
        found = {name: model.breakdowns.get(key, {}) for name, model in judged.items()}
        if gained := _paired(one, key) or _gained(found):
            title = f"{one.label}: gain by {key}"
            bars = [_bar(gain, one.series) for gain in gained]
            drawn.append(picture(draw(title, [f"by {key}", *bars], "nDCG@10, as shipped less base")))
    if drawn:
        known = one.facts.questions and one.facts.questions.gains
        lines = (
            "Lines are 95 % intervals; one that crosses 0 shows no gain"
            if known
            else "No intervals were written"
        )
        yield Figures(f"{one.label}: gain in nDCG@10 against the base, by vectors alone. {lines}", drawn)
    for key in KEYS:
        found = {name: model.breakdowns.get(key, {}) for name, model in judged.items()}
        if kinds := dict.fromkeys(kind for rows in found.values() for kind in rows):
            rows = [[kind, count(_first(found, kind).n), *_ndcg(found, kind)] for kind in kinds]
            table = Table(f"nDCG@10 by {key}", (key, "n", *found), rows)
            yield More(f"{one.label}: by {key}", [table])


def _paired(one: LabelledReport, key: str) -> list[Gain]:
    """Return what the build compared question by question, the largest gain first."""
    found = one.facts.questions.gains.get(key, {}) if one.facts.questions else {}
    rows = [
        Gain(kind, row.n, row.difference, row.interval)
        for kind, row in found.items()
        if row.difference is not None
    ]
    return sorted(rows, key=_first_is_best)


def _gained(found: Found) -> list[Gain]:
    """Return the difference of means, the largest gain first."""
    before, after = found.get("base", {}), found.get("shipped", {})
    rows = [
        Gain(kind, means.n, means.ndcg_10 - before[kind].ndcg_10)
        for kind, means in after.items()
        if kind in before and None not in (means.ndcg_10, before[kind].ndcg_10)
    ]
    return sorted(rows, key=_first_is_best)


def _first_is_best(row: Gain) -> tuple[float, str]:
    return -row.mean, row.kind


def _bar(row: Gain, series: int) -> Bar:
    return Bar(row.kind, row.mean, f"{signed(row.mean, 3)} (n {count(row.n)})", row.interval, series)


def _first(found: Found, kind: str) -> Means:
    return next(rows[kind] for rows in found.values() if kind in rows)


def _ndcg(found: Found, kind: str) -> list[str]:
    return [number(rows[kind].ndcg_10 if kind in rows else None) for rows in found.values()]
