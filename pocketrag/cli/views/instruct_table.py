"""The tables of `instruct`."""

from __future__ import annotations

from pocketrag.console import table
from pocketrag.formats.facts.generator import InstructFacts


def show_instruct(facts: InstructFacts) -> None:
    """Print what was learned from what, the proof of the merge, and the targets."""
    counts, loss, adapter, proof = facts.dialogues, facts.held_out_loss, facts.adapter, facts.merge
    left_out = ", ".join(f"{count} {reason}" for reason, count in counts.left_out.items())
    rows = {
        "folder": facts.folder,
        "base, method": f"{facts.base}, {facts.method} of rank {adapter.rank}",
        "dialogues": f"{counts.train} train, {counts.held_out} held out of {counts.given}",
        "left out": left_out or "none",
        "tokens": f"{counts.taught_tokens:,} taught of {counts.tokens:,}",
        "held-out loss": f"{loss.base:.4f} before, {loss.tuned:.4f} after",
        "adapter": f"{adapter.megabytes:,.1f} MB, {adapter.share:.2%} of all parameters",
        "steps": f"{facts.steps}, kept {facts.kept_step}",
        "merged": f"logits differ by {proof.relative_difference} of the largest, limit {proof.limit}",
        "computed": f"{facts.device}, {facts.precision}",
    }
    table("", ("fact", "value"), list(rows.items()))
    if facts.targets:
        found = [
            (row.target, f"{row.wanted:g}", f"{row.found:g}", "met" if row.met else "not met")
            for row in facts.targets
        ]
        table(
            "\ntargets, each the most that was hoped for (they inform)",
            ("target", "wanted", "found", ""),
            found,
        )
