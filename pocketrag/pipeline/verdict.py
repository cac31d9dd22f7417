"""Which model ships: the rule that compares the tuned model with the base, and the manifest's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pocketrag.errors import GateError, InputError
from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.evaluate import ChosenFacts, JudgedFacts
from pocketrag.formats.manifest import Verdict
from pocketrag.recipe.recipe import Recipe

from .stage import Stage, StageRef, facts_of

if TYPE_CHECKING:
    from .project import Project

#: `train.accept` -> the verdicts with which the tuned model replaces the base.
ACCEPTED = {"win": ("WIN",), "marginal": ("WIN", "MARGINAL")}


def objections(recipe: Recipe, facts: Mapping[str, Any]) -> list[str]:
    """Return why the tuned model does not ship by the facts of its evaluation; empty where it does."""
    verdict, accepts = facts["against_base"]["verdict"], recipe.train.accept
    weak = (
        [] if verdict in ACCEPTED[accepts] else [f"{verdict} against the base; the recipe accepts {accepts}"]
    )
    return weak + fallen(recipe.limits, facts.get("guard"))


def fallen(limits: Limits, guard: Mapping[str, Any] | None) -> list[str]:
    """Return that the tuned model fell by more than `limits.guard_loss` on the guard's questions.

    Empty where it did not.
    """
    if guard is None or guard["difference"] >= -limits.guard_loss:
        return []
    return [
        (
            f"guard: nDCG@10 {guard['difference']:+.4f} out of domain, at most "
            f"{-limits.guard_loss:+.4f} is allowed"
        )
    ]


def regressions(
    limits: Limits, comparisons: Mapping[str, Mapping[str, Any] | None], guard: Mapping[str, Any] | None
) -> list[str]:
    """Return where the tuned model is worse than the base: what can't be bundled without --accept-regression.

    Args:
        limits: the recipe's.
        comparisons: what was compared with the base, such as "float32" -> its comparison (None: not
            measured).
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
        inputs: `evaluate-tuned`, `evaluate-shipped` (of what ships) and `evaluate-shipped-tuned`, where they
            were made.

    Raises:
        InputError: the tuned model is to ship and was not judged.
        GateError: the tuned model regressed and nobody accepted that.

    """
    if not project.recipe.data.has_questions:
        return _unjudged(project, ref, inputs)
    tuned, shipped = _judged(inputs, "evaluate-tuned"), _judged(inputs, "evaluate-shipped")
    if ref.source == "tuned" and not (tuned and shipped):
        folder = project.folder / "evaluate-tuned"
        raise InputError(
            f"{folder}: the tuned model was not judged; run `{project.command('evaluate')}` first."
        )
    tried = _tried(project.recipe, ref, inputs)
    worse = _regressions(project.recipe, tuned, tried) if ref.source == "tuned" else []
    if worse and not project.accept_regression:
        raise GateError(
            f"the tuned model regressed ({'; '.join(worse)}) and is not bundled. Leave --source out to "
            "bundle the base model, or give --accept-regression; the manifest then says so."
        )
    return Verdict(
        ships=ref.source or "base",
        reason=_reason(project.recipe, tuned, tried)
        + ("; regression accepted by --accept-regression" if worse else ""),
        tuned=_json(tuned.against_base) if tuned else None,
        shipped=_shipped(shipped) if shipped else None,
        searched=_json(shipped.as_searched) if shipped else None,
        guard=_json(tuned.guard) if tuned else None,
        accepted_regression=bool(worse),
    )


def _unjudged(project: Project, ref: StageRef, inputs: Mapping[str, Stage]) -> Verdict:
    # Questions that a model wrote may choose. Nothing of that is a verdict: the manifest's comparisons stay
    # empty, and the gate `quality` unchecked.
    reason = f"the recipe names {MISSING}"
    found = facts_of(inputs["choose"], ChosenFacts) if "choose" in inputs else None
    if found:
        compared, (low, high) = found.compared, found.compared.interval
        reason += (
            f"; tuned against base, float32, on {compared.n} development questions that a model wrote: "
            f"nDCG@10 {compared.difference:+.4f} [{low:+.4f}, {high:+.4f}], {compared.verdict}; the "
            "recipe accepts "
            f"{project.recipe.train.accept}"
        )
    worse = ref.source == "tuned" and found is not None and found.compared.verdict == "REGRESSION"
    if worse and not project.accept_regression:
        raise GateError(
            f"the tuned model regressed ({reason}) and is not bundled. Leave --source out to bundle the base "
            "model, or give --accept-regression; the manifest then says so."
        )
    if ref.source == "tuned" and found is None:
        raise InputError(
            f"{project.folder / 'choose'}: nothing chose the tuned model; run `{project.command('build')}` "
            "first."
        )
    accepted = "; regression accepted by --accept-regression" if worse else ""
    return Verdict(ships=ref.source or "base", reason=reason + accepted, accepted_regression=worse)


def _json(facts: Facts | None) -> dict[str, Any] | None:
    return facts.as_json() if facts else None


def _shipped(facts: JudgedFacts) -> dict[str, Any]:
    row = facts.as_json()
    floor = {"against_chance": row["against_chance"]} if facts.against_chance else {}
    return {**dict(row["against_base"]), "modes": row["modes"], **floor}  # type: ignore[arg-type]


def _judged(inputs: Mapping[str, Stage], label: str) -> JudgedFacts | None:
    return facts_of(inputs[label], JudgedFacts) if label in inputs else None


def _tried(recipe: Recipe, ref: StageRef, inputs: Mapping[str, Stage]) -> JudgedFacts | None:
    # Only a tuned model that won in float32 is tried as shipped, unless it was asked for.
    if ref.source == "tuned":
        return _judged(inputs, "evaluate-shipped")
    tuned = _judged(inputs, "evaluate-tuned")
    return (
        _judged(inputs, "evaluate-shipped-tuned")
        if tuned and not objections(recipe, tuned.as_json())
        else None
    )


def _regressions(recipe: Recipe, tuned: JudgedFacts | None, tried: JudgedFacts | None) -> list[str]:
    compared = {"float32": tuned, "as shipped": tried}
    rows = {
        name: done.against_base.as_json() if done and done.against_base else None
        for name, done in compared.items()
    }
    return regressions(recipe.limits, rows, _json(tuned.guard) if tuned else None)


def _reason(recipe: Recipe, tuned: JudgedFacts | None, tried: JudgedFacts | None) -> str:
    if tuned is None or tuned.against_base is None:
        return 'the recipe asks for the base model (method = "none")'
    parts = [f"tuned against base, float32: {tuned.against_base.verdict}"]
    if tried and tried.against_base:
        parts.append(f"tuned as shipped against base: {tried.against_base.verdict}")
    return "; ".join(
        [*parts, *fallen(recipe.limits, _json(tuned.guard)), f"the recipe accepts {recipe.train.accept}"]
    )
