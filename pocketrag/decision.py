"""Which model ships: the one rule by which a comparison of the tuned model with the base is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketrag.recipe import Limits, Recipe

#: `train.accept` -> the verdicts with which the tuned model replaces the base.
ACCEPTED = {"win": ("WIN",), "marginal": ("WIN", "MARGINAL")}


def objections(recipe: Recipe, facts: Mapping[str, Any]) -> list[str]:
    """Return why the tuned model does not ship by the facts of its evaluation; empty where it does."""
    verdict, accepts = facts["against_base"]["verdict"], recipe.train.accept
    weak = [] if verdict in ACCEPTED[accepts] else [f"{verdict} against the base; the recipe accepts {accepts}"]
    return weak + fallen(recipe.limits, facts.get("guard"))


def fallen(limits: Limits, guard: Mapping[str, Any] | None) -> list[str]:
    """Return that the tuned model fell by more than `limits.guard_loss` on the guard's questions; empty where it did not."""
    if guard is None or guard["difference"] >= -limits.guard_loss:
        return []
    return [f"guard: nDCG@10 {guard['difference']:+.4f} out of domain, at most {-limits.guard_loss:+.4f} is allowed"]


def regressions(limits: Limits, comparisons: Mapping[str, Mapping[str, Any] | None], guard: Mapping[str, Any] | None) -> list[str]:
    """Return where the tuned model is worse than the base: what can't be bundled without --accept-regression.

    Args:
        limits: the recipe's.
        comparisons: what was compared with the base, such as "float32" -> its comparison (None: not measured).
        guard: the comparison on the second evaluation set, if any.

    """
    verdicts = {name: row.get("verdict") for name, row in comparisons.items() if row is not None}
    lost = [f"{name}: {verdict}" for name, verdict in verdicts.items() if verdict not in ACCEPTED["marginal"]]
    return lost + fallen(limits, guard)
