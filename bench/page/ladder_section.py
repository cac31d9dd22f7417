"""What the page says about the encoders that were tried: quality, size and predicted time, and which ship."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pocketrag.formats.facts.measures import Comparison
from pocketrag.formats.facts.students import AnswerTimes, LadderFacts, Rung

from .blocks import (
    NOTHING,
    Block,
    Figures,
    LabelledReport,
    Note,
    Section,
    Table,
    interval,
    number,
    picture,
    signed,
    unreadable,
)
from .xy_chart import Axis, Series, draw_points

COLUMNS = (
    "report", "encoder", "ships as", "MB", "mode", "nDCG@10",
    "against full (95\u00a0%)", "against BM25 (95\u00a0%)",
    "overlap with the teacher", "predicted ms", "here ms", "here, of the reference", "here MB", "why",
)  # fmt: skip
#: Smaller is not drawn: a logarithmic axis has no room for nothing.
LEAST = 1e-6


def ladder(labelled: Sequence[LabelledReport]) -> Section:
    """Return the encoders of each report, the smallest first; nothing where the full one is alone."""
    blocks: list[Block] = [note for one in labelled for note in unreadable(one, "ladder")]
    if rows := [row for one in labelled for row in _rows(one)]:
        blocks += [_drawn(one, one.facts.ladder) for one in labelled if one.facts.ladder]
        blocks.append(Table("Each as it would ship, on the test questions", COLUMNS, rows))
        blocks += [Note(text) for text in dict.fromkeys((*_phones(labelled), *_negations(labelled)))]
    blocks += [Note(f"{one.label}: the full model alone.") for one in labelled if not one.facts.ladder]
    return Section("ladder", "Question encoders", blocks)


def _rows(one: LabelledReport) -> Iterator[list[str]]:
    for rung in one.facts.ladder.rungs if one.facts.ladder else ():
        yield [
            one.label,
            rung.name,
            rung.role or NOTHING,
            f"{rung.bytes / 1e6:.1f}",
            rung.mode,
            number(rung.modes[rung.mode].ndcg_10),
            _compared(rung.against_full),
            _compared(rung.against_bm25),
            number(rung.overlap.mean),
            f"{rung.predicted.ms:.2f}",
            *_here(rung.here),
            rung.why,
        ]


def _here(times: AnswerTimes | None) -> tuple[str, str, str]:
    if times is None:
        return NOTHING, NOTHING, NOTHING
    memory = NOTHING if times.memory_mb is None else f"{times.memory_mb:.0f}"
    return f"{times.ms:.2f}", f"{times.of_reference:.2f}", memory


def _compared(found: Comparison | None) -> str:
    if found is None:
        return NOTHING
    return f"{signed(found.difference, 3)} ({interval(found.interval, sign=True, digits=3)})"


def _drawn(one: LabelledReport, found: LadderFacts) -> Figures:
    timed = all(rung.here for rung in found.rungs)
    time = "ms a whole answer, here" if timed else "ms of the model alone, predicted"
    beside = Axis("nDCG@10")
    shown = [rung for rung in found.rungs if _ms(rung, timed) > LEAST and rung.bytes]
    full_text = next((rung.modes["bm25"].ndcg_10 for rung in shown if "bm25" in rung.modes), None)
    by_time = [_point(n, rung, _ms(rung, timed), not timed) for n, rung in enumerate(shown)]
    by_size = [_point(n, rung, rung.bytes / 1e6, False) for n, rung in enumerate(shown)]
    drawn = [
        picture(
            draw_points(f"{one.label}: quality against {name}", points, Axis(name, True), beside, full_text)
        )
        for name, points in ((time, by_time), ("MB", by_size))
        if points
    ]
    dashes = "; the dashes are full text alone" if full_text is not None else ""
    return Figures(f"{one.label}: quality against time and against size{dashes}", drawn)


def _ms(rung: Rung, timed: bool) -> float:
    return rung.here.ms if timed and rung.here else rung.predicted.ms


def _point(n: int, rung: Rung, x: float, predicted: bool) -> Series:
    name = f"{rung.name} ({rung.role or 'does not ship'}, {rung.mode})"
    return Series(name, [(x, rung.modes[rung.mode].ndcg_10)], n, predicted)


def _negations(labelled: Sequence[LabelledReport]) -> Iterator[str]:
    for one in labelled:
        for rung in one.facts.ladder.rungs if one.facts.ladder else ():
            if rung.negation:
                yield f"{one.label}, {rung.name}: {rung.negation}."


def _phones(labelled: Sequence[LabelledReport]) -> Iterator[str]:
    for one in labelled:
        if one.facts.ladder:
            said = one.facts.ladder.rungs[0].predicted
            yield f"Predicted: the model alone, mean question, {said.device} ({said.soc}); never a pass."
            yield (
                "Here: a whole answer on the machine that built, one thread, median; the reference is work "
                "of known size timed between the questions; MB is what opening and answering added."
            )
