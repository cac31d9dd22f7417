"""Quality by what the questions' metadata say: what each kind of question gained, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pocketrag.formats.facts.evaluate import KEYS, JudgedFacts
from pocketrag.formats.facts.measures import Means

from .bar_chart import Bar, draw
from .blocks import Block, Figures, LabelledReport, More, Table, count, number, picture, signed

#: Model -> kind of question -> means.
Found = dict[str, dict[str, Means]]


def by_kind(one: LabelledReport, judged: Mapping[str, JudgedFacts]) -> Iterator[Block]:
    """Give what each kind of question gained against the base, then the same in numbers."""
    drawn = []
    for key in KEYS:
        found = {name: model.breakdowns.get(key, {}) for name, model in judged.items()}
        if gained := _gained(found):
            title = f"{one.label}: gain by {key}"
            bars = [_bar(kind, n, gain, one.series) for kind, n, gain in gained]
            drawn.append(picture(draw(title, [f"by {key}", *bars], "nDCG@10, as shipped less base")))
    if drawn:
        caption = f"{one.label}: gain in nDCG@10 against the base, by vectors alone"
        yield Figures(f"{caption}. Few questions each: no intervals", drawn)
    for key in KEYS:
        found = {name: model.breakdowns.get(key, {}) for name, model in judged.items()}
        if kinds := dict.fromkeys(kind for rows in found.values() for kind in rows):
            rows = [[kind, count(_first(found, kind).n), *_ndcg(found, kind)] for kind in kinds]
            table = Table(f"nDCG@10 by {key}", (key, "n", *found), rows)
            yield More(f"{one.label}: by {key}", [table])


def _gained(found: Found) -> list[tuple[str, int | None, float]]:
    """Return kind, n and gain, the largest gain first."""
    before, after = found.get("base", {}), found.get("shipped", {})
    rows = [
        (kind, means.n, means.ndcg_10 - before[kind].ndcg_10)
        for kind, means in after.items()
        if kind in before and None not in (means.ndcg_10, before[kind].ndcg_10)
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _bar(kind: str, n: int | None, gain: float, series: int) -> Bar:
    return Bar(kind, gain, f"{signed(gain, 3)} (n {count(n)})", series=series)


def _first(found: Found, kind: str) -> Means:
    return next(rows[kind] for rows in found.values() if kind in rows)


def _ndcg(found: Found, kind: str) -> list[str]:
    return [number(rows[kind].ndcg_10 if kind in rows else None) for rows in found.values()]
