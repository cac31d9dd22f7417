"""Which model ships: the rule by which comparisons of the tuned model with the base are read, and what the manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pocketrag.errors import GateError, InputError
from pocketrag.manifest import Verdict
from pocketrag.recipe import Limits, Recipe

from .stage import Stage, StageRef

if TYPE_CHECKING:
    from .project import Project

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


def verdict_of(project: Project, ref: StageRef, inputs: Mapping[str, Stage]) -> Verdict:
    """Return what a bundle of `ref.source` says about the choice between tuned and base model.

    Args:
        project: the recipe, and whether a regression is accepted.
        ref: the bundle.
        inputs: `evaluate-tuned`, `evaluate-shipped` (of what ships) and `evaluate-shipped-tuned`, where they were made.

    Raises:
        InputError: the tuned model is to ship and was not judged.
        GateError: the tuned model regressed and nobody accepted that.

    """
    tuned, shipped = inputs.get("evaluate-tuned"), inputs.get("evaluate-shipped")
    if ref.source == "tuned" and not (tuned and shipped):
        folder = project.folder / "evaluate-tuned"
        raise InputError(f"{folder}: the tuned model was not judged; run `pocketrag evaluate {project.file}` first.")
    tried = _tried(project.recipe, ref, inputs)
    worse = _regressions(project.recipe, tuned, tried) if ref.source == "tuned" else []
    if worse and not project.accept_regression:
        raise GateError(
            f"the tuned model regressed ({'; '.join(worse)}) and is not bundled. Leave --source out to bundle the base model, "
            "or give --accept-regression; the manifest then says so."
        )
    return Verdict(
        ships=ref.source or "base",
        reason=_reason(project.recipe, tuned, tried) + ("; regression accepted by --accept-regression" if worse else ""),
        tuned=tuned.facts["against_base"] if tuned else None,
        shipped={**shipped.facts["against_base"], "modes": shipped.facts["modes"]} if shipped else None,
        searched=shipped.facts["as_searched"] if shipped else None,
        guard=tuned.facts.get("guard") if tuned else None,
        accepted_regression=bool(worse),
    )


def _tried(recipe: Recipe, ref: StageRef, inputs: Mapping[str, Stage]) -> Stage | None:
    # Only a tuned model that won in float32 is tried as shipped, unless it was asked for.
    if ref.source == "tuned":
        return inputs.get("evaluate-shipped")
    tuned = inputs.get("evaluate-tuned")
    return inputs.get("evaluate-shipped-tuned") if tuned and not objections(recipe, tuned.facts) else None


def _regressions(recipe: Recipe, tuned: Stage | None, tried: Stage | None) -> list[str]:
    compared = {"float32": tuned, "as shipped": tried}
    rows = {name: done.facts["against_base"] if done else None for name, done in compared.items()}
    return regressions(recipe.limits, rows, tuned.facts.get("guard") if tuned else None)


def _reason(recipe: Recipe, tuned: Stage | None, tried: Stage | None) -> str:
    if tuned is None:
        return 'the recipe asks for the base model (method = "none")'
    parts = [f"tuned against base, float32: {tuned.facts['against_base']['verdict']}"]
    if tried:
        parts.append(f"tuned as shipped against base: {tried.facts['against_base']['verdict']}")
    return "; ".join([*parts, *fallen(recipe.limits, tuned.facts.get("guard")), f"the recipe accepts {recipe.train.accept}"])
