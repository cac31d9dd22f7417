"""Two versions by an app's own feedback."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.ab import AbFacts, AbMeasure

#: Measure -> as people read it.
WORDS = {"thumb": "thumbs up", "opened": "a passage opened", "opened_first": "the first passage opened"}
#: Verdict -> what it means.
MEANS = {
    "WIN": "the new version is better",
    "REGRESSION": "the new version is worse",
    "ALIKE": "no difference that matters",
    "TOO LITTLE": "too little to tell",
}


def show_ab(facts: AbFacts) -> None:
    """Print a row a measure, then the verdict and what it is by."""
    table(
        f"{facts.new} against {facts.old}",
        ("share of answers", "n", "old", "new", "difference", "95 %", "verdict"),
        [_row(measure) for measure in facts.measures],
    )
    decides = next(measure for measure in facts.measures if measure.measure == facts.decides)
    more = decides.more_old, decides.more_new
    further = (
        f"; about {more[0]:,} more of {facts.old} and {more[1]:,} of {facts.new} would" if any(more) else ""
    )
    out.print(f"\n{facts.verdict}: by {WORDS[facts.decides]}, {MEANS[facts.verdict]}{further}.", markup=False)
    out.print(f"A difference below {facts.matters:.1%} does not matter here (--matters).", markup=False)


def _row(found: AbMeasure) -> tuple[str, ...]:
    low, high = found.interval
    n = f"{found.n_old:,} pairs" if found.paired else f"{found.n_old:,} and {found.n_new:,}"
    return (
        WORDS[found.measure],
        n,
        f"{found.old:.1%}",
        f"{found.new:.1%}",
        f"{found.difference:+.1%}",
        f"{low:+.1%} to {high:+.1%}",
        found.verdict,
    )
