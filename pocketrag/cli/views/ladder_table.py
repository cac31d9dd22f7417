"""Students and the ladder of encoders as tables."""

from __future__ import annotations

from pocketrag.console import table
from pocketrag.formats.facts.measures import Comparison
from pocketrag.formats.facts.students import DistilledFacts, LadderFacts, Rung


def show_distilled(facts: DistilledFacts) -> None:
    """Print a line a student."""
    heads = ("student", "kind", "texts", "tokens", "overlap with the teacher", "unseen tokens")
    rows = []
    for one in facts.students:
        overlap = (
            f"{one.overlap.mean:.3f} [{one.overlap.interval[0]:.3f}, {one.overlap.interval[1]:.3f}], "
            f"n = {one.overlap.n}"
            if one.overlap
            else "unchecked"
        )
        unseen = "unchecked" if one.unseen is None else f"{one.unseen:.1%}"
        rows.append((one.student, one.kind, f"{one.texts:,}", f"{one.tokens:,}", overlap, unseen))
    table("", heads, rows)


def show_ladder(facts: LadderFacts) -> None:
    """Print a line an encoder, the smallest first."""
    heads = ("encoder", "ships as", "MB", "nDCG@10", "against full", "against BM25", "predicted ms", "why")
    usual = facts.rungs[0].predicted
    table(
        f"encoders ({facts.n} questions; {usual.device}, {usual.soc})", heads, [_row(r) for r in facts.rungs]
    )


def _row(rung: Rung) -> tuple[str, ...]:
    searched = rung.modes[rung.mode].ndcg_10
    return (
        rung.name,
        rung.role or "-",
        f"{rung.bytes / 1e6:.1f}",
        f"{searched:.3f} {rung.mode}",
        _compared(rung.against_full),
        _compared(rung.against_bm25),
        f"{rung.predicted.ms:.2f}",
        rung.why,
    )


def _compared(found: Comparison | None) -> str:
    if found is None:
        return ""
    low, high = found.interval
    return f"{found.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
