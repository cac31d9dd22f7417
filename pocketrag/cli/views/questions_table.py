"""What became of the lines that a model wrote, and what to do next."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.questions import QuestionsFacts


def show_questions(facts: QuestionsFacts) -> None:
    """Print counts, the reasons of what was not kept, and the next steps."""
    if facts.generator is not None:
        rows = [
            ("lines written", facts.lines),
            *((f"- {why}", count) for why, count in facts.dropped.items()),
        ]
        table(
            f"{facts.generator}, {facts.passages} passages", ("", "count"), [*rows, ("kept", facts.written)]
        )
        out.print(
            f"\nkept: those whose passage is among the first {facts.among} that search finds "
            f"({facts.searched}).\n",
            markup=False,
        )
    counts = {name: getattr(facts, name) for name in ("accepted", "mended", "rejected", "undecided")}
    table(
        f"{facts.out}: {facts.questions} questions of {facts.passages_asked} passages train",
        ("review", "questions"),
        list(counts.items()),
    )
    out.print(f"\nwritten: {', '.join(facts.files)}\n", markup=False)
    for number, step in enumerate(facts.next, start=1):
        out.print(f"{number}. {step}", markup=False)
