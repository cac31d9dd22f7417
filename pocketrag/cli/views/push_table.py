"""What `push` sent or would send, and where."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.push import PushFacts


def show_push(facts: PushFacts) -> None:
    """Print files and sizes, then the repository; with --dry-run the model card, too."""
    table(
        "", ("file in the repository", "bytes"), [(name, f"{size:,}") for name, size in facts.files.items()]
    )
    rows = [
        ("repository", f"{facts.repository} ({facts.state})"),
        ("seen by", "its owner" if facts.private else "everybody"),
        ("bundle", facts.bundle),
        ("gates", facts.standing),
        ("size", f"{facts.bytes / 1e6:.1f} MB in {len(facts.files)} files"),
        *((("left out", ", ".join(facts.left_out)),) if facts.left_out else ()),
        ("sent", facts.url or "nothing (--dry-run)"),
    ]
    out.print()
    table("", ("", ""), rows)
    if facts.dry_run:
        out.print(f"\nREADME.md:\n\n{facts.card}", markup=False)
