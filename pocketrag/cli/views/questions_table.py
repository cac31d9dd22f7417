"""What became of the lines that a model wrote, and what to do next."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.questions import QuestionsFacts


def show_questions(facts: QuestionsFacts) -> None:
    """Print counts, the reasons of what was not kept, and the next steps."""
    if facts.generator is not None:
        out.print(f"{facts.generator} wrote to {facts.passages} passages\n", markup=False)
        dropped = [(f"- {why}", count) for why, count in facts.dropped.items()]
        table("", ("", "count"), [("lines", facts.lines), *dropped, ("kept", facts.written)])
        found = f"their passage is among the first {facts.among} that search finds ({facts.searched})"
        out.print(f"\nof those kept, {found}\n", markup=False)
    out.print(f"{facts.questions} questions of {facts.passages_asked} passages train\n", markup=False)
    counts = {name: getattr(facts, name) for name in ("accepted", "mended", "rejected", "undecided")}
    table("", ("review", "questions"), list(counts.items()))
    out.print(f"\nwritten into {facts.out}: {', '.join(facts.files)}\n", markup=False)
    for number, step in enumerate(facts.next, start=1):
        out.print(f"{number}. {step}", markup=False)
