"""Students and the ladder of encoders as tables."""

from __future__ import annotations

from pocketrag.console import out, table
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
    for one in facts.students:
        if found := one.training:
            beside = (
                "" if found.static_share is None else f" The static one beside it has {found.static_share:g}."
            )
            out.print(
                f"{one.student}: {found.by} on {found.n} held-out texts {found.before:.3f} before training, "
                f"{found.after:.3f} after step {found.kept_step} of {found.steps}.{beside}",
                markup=False,
            )


def show_ladder(facts: LadderFacts) -> None:
    """Print what each encoder finds, a line each, the smallest first, and what it costs."""
    found = ("encoder", "ships as", "nDCG@10", "against full", "against BM25")
    table(f"encoders ({facts.n} questions)", found, [_found(rung) for rung in facts.rungs])
    usual = facts.rungs[0].predicted
    costs = ("encoder", "MB", f"predicted, {usual.device}", "answer here", "of a reference", "memory here")
    table("what they cost; here: one thread of this machine", costs, [_costs(rung) for rung in facts.rungs])
    for rung in facts.rungs:
        out.print(f"{rung.name}: {rung.why}.", markup=False)
        if rung.negation:
            out.print(f"{rung.name}: {rung.negation}.", markup=False)


def _found(rung: Rung) -> tuple[str, ...]:
    searched = f"{rung.modes[rung.mode].ndcg_10:.3f} {rung.mode}"
    compared = (_compared(rung.against_full), _compared(rung.against_bm25))
    return (rung.name, rung.role or "-", searched, *compared)


def _costs(rung: Rung) -> tuple[str, ...]:
    times = rung.here
    return (
        rung.name,
        f"{rung.bytes / 1e6:.1f}",
        f"{rung.predicted.ms:.2f} ms",
        f"{times.ms:.2f} ms, {rung.mode}" if times else "-",
        f"x {times.of_reference:.2f}" if times else "-",
        f"{times.memory_mb:.0f} MB" if times and times.memory_mb is not None else "-",
    )


def _compared(found: Comparison | None) -> str:
    if found is None:
        return "-"
    low, high = found.interval
    return f"{found.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
