"""What the page says about training: the curves of the trainer's log, and which checkpoint was kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from pocketrag.formats.facts.students import DistillFacts
from pocketrag.formats.facts.training import TuneFacts

from .blocks import Block, Figures, LabelledReport, Note, Section, count, number, picture, unreadable
from .svg_text import Point
from .xy_chart import Axis, Series, draw_lines


def training(labelled: Sequence[LabelledReport]) -> Section:
    """Return the training of each report's model and of its students."""
    blocks: list[Block] = []
    for one in labelled:
        blocks += unreadable(one, "tune", "distill")
        if one.facts.tune:
            blocks += _tuned(one, one.facts.tune)
        for name, student in one.facts.distill.items():
            blocks += _distilled(one, name, student)
    return Section("training", "Training", blocks or [Note("No training is told: nothing was tuned.")])


def _tuned(one: LabelledReport, found: TuneFacts) -> Iterator[Block]:
    loss = [(row.epoch, row.loss) for row in found.history if row.epoch is not None and row.loss is not None]
    scores = [
        (row.epoch, row.eval_dev_cosine_ndcg_10)
        for row in found.history
        if row.epoch is not None and row.eval_dev_cosine_ndcg_10 is not None
    ]
    base = found.dev_ndcg_10.base
    drawn = [*_curve(f"{one.label}: loss", loss, "epoch", "loss", one.series)]
    drawn += _curve(f"{one.label}: nDCG@10", scores, "epoch", "nDCG@10, development", one.series, base)
    if drawn:
        dashed = "; the dashes are the base" if scores and base is not None else ""
        caption = f"{one.label}: tuning, by epoch. Left what it learns from, right the score{dashed}"
        yield Figures(caption if len(drawn) > 1 else f"{one.label}: tuning, by epoch", drawn)
    kept = f"kept step {count(found.kept_step)} of {count(found.steps)}"
    scored = f"nDCG@10 on the development questions {number(base)} before, {number(found.dev_ndcg_10.tuned)}"
    yield Note(f"{one.label}: {kept}; {scored} after. That chose the checkpoint and is no evidence of a win.")


def _distilled(one: LabelledReport, name: str, found: DistillFacts) -> Iterator[Block]:
    learned = found.training
    if learned is None or not learned.history:
        return
    loss = [(float(row.step), row.loss) for row in learned.history if row.step and row.loss is not None]
    scores = [(float(row.step), row.score) for row in learned.history if row.score is not None]
    drawn = [*_curve(f"{one.label}, {name}: loss", loss, "step", "loss", one.series)]
    held = f"{learned.by} on held-out texts"
    drawn += _curve(f"{one.label}, {name}: {held}", scores, "step", held, one.series, learned.before)
    if drawn:
        kept = f"kept step {count(learned.kept_step)} of {count(learned.steps)}"
        yield Figures(f"{one.label}, the student {name}, by step; {kept}", drawn)


def _curve(
    title: str,
    points: Sequence[Point],
    below: str,
    beside: str,
    series: int,
    level: float | None = None,
) -> Iterator[Markup]:
    if len(points) > 1:
        line = Series("", points, series)
        yield picture(draw_lines(title, [line], Axis(below), Axis(beside), level))
