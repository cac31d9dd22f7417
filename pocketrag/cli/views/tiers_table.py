"""The tables of `tiers`: what answers on which phone, and what each is held to."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.tiers import Tier, TiersFacts

MEGABYTE = 10**6
HOLDS = {True: "holds", False: "fails", None: "unchecked"}


def show_tiers(facts: TiersFacts) -> None:
    """Print the tiers, their limits, and what a phone gets."""
    columns = ("tier", "answers", "memory MB", "pack MB", "accuracy", "95 % interval", "n", "ships", "why")
    table(facts.file, columns, [_row(tier) for tier in facts.tiers])
    held = [
        (tier.name, name.replace("_", " "), row.limit, row.value, HOLDS[row.holds], row.why)
        for tier in facts.tiers
        for name, row in tier.limits.items()
    ]
    if held:
        table("\nlimits of the recipe", ("tier", "limit", "at", "found", "", "why"), held)
    for tier in facts.tiers:
        if tier.measured:
            out.print(f"\n{_times(tier)}", markup=False)
    for one in facts.chosen:
        with_ = "with" if one.server else "without"
        out.print(f"a phone of {one.memory_megabytes} MB, {with_} a server: {one.tier}", markup=False)


def _row(tier: Tier) -> tuple[object, ...]:
    exam = tier.exam
    return (
        tier.name,
        tier.answers,
        tier.memory_megabytes or "any",
        round(tier.pack.bytes / MEGABYTE, 1) if tier.pack else "",
        exam.accuracy if exam else "unchecked",
        f"{exam.interval[0]:.3f} to {exam.interval[1]:.3f}" if exam else "",
        exam.questions if exam else "",
        "yes" if tier.ships else "no",
        tier.why,
    )


def _times(tier: Tier) -> str:
    found = tier.measured
    if found is None:
        return ""
    where = "a phone" if found.phone else "no phone"
    first = (
        f", first token {found.first_token_seconds:.2f} s" if found.first_token_seconds is not None else ""
    )
    speed = f", {found.tokens_per_second:.1f} tokens/s" if found.tokens_per_second is not None else ""
    return (
        f"{tier.name}, on {found.host} ({where}): {found.seconds:.2f} s an answer{first}{speed}, "
        f"{found.memory_megabytes:.0f} MB"
    )
