"""What the page says about the encoders that were tried: quality, size and predicted time, and which ship."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pocketrag.formats.facts.measures import Comparison
from pocketrag.formats.facts.students import AnswerTimes

from .blocks import NOTHING, Block, LabelledReport, Note, Section, Table, interval, number, signed

COLUMNS = (
    "report", "encoder", "ships as", "MB", "mode", "nDCG@10", "against full", "95 %", "against BM25", "95 %",
    "overlap with the teacher", "predicted ms", "here ms", "here, of the reference", "here MB", "why",
)  # fmt: skip


def ladder(labelled: Sequence[LabelledReport]) -> Section:
    """Return the encoders of each report, the smallest first; nothing where the full one is alone."""
    blocks: list[Block] = [
        Note(f"{one.label}: can't be read, {why}.", "warn")
        for one in labelled
        for why in one.facts.broken("ladder")
    ]
    if rows := [row for one in labelled for row in _rows(one)]:
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
            *_compared(rung.against_full),
            *_compared(rung.against_bm25),
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


def _compared(found: Comparison | None) -> tuple[str, str]:
    return (signed(found.difference), interval(found.interval, sign=True)) if found else (NOTHING, NOTHING)


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
