"""What `init` wrote, and how to go on."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.init import InitFacts


def show_init(facts: InitFacts) -> None:
    """Print what was chosen, what is new, and the next commands."""
    rows = [(key, value, "default" if key in facts.defaults else "") for key, value in facts.chosen.items()]
    table(facts.recipe, ("", "", ""), rows)
    out.print(f"\nwritten: {', '.join(facts.written)}\n", markup=False)
    for number, command in enumerate(facts.commands, start=1):
        out.print(f"{number}. {command}", markup=False)
