"""The tables of `pocketrag traits`: models side by side, then every trait."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.traits import ModelTraits, TraitsFacts


def show_traits(facts: TraitsFacts) -> None:
    """Print the models with their verdicts, and their traits beside chance."""
    columns = ("model", "overall", "95 % interval", "instruction", "MB", "overall per MB", "ms per text")
    table("share of anchors whose positive comes first", columns, map(_model, facts.models))
    names = list(facts.controls)
    rows = [
        (name, *(model.traits[name].mean for model in facts.models), control.chance, control.constant)
        for name, control in facts.controls.items()
    ]
    table("", ("trait", *map(_short, facts.models), "chance", "constant vector"), rows)
    counted = next(iter(facts.models)).traits
    out.print(f"\nn: {', '.join(f'{name} {counted[name].n}' for name in names)}", markup=False)
    for model in facts.models:
        out.print(f"{model.model}: {model.verdict}", markup=False)


def _model(model: ModelTraits) -> tuple[object, ...]:
    low, high = model.overall.interval
    return (
        _short(model),
        model.overall.mean,
        f"{low:.4f} to {high:.4f}",
        model.instruction,
        f"{model.megabytes:.1f}",
        model.overall_per_megabyte,
        f"{model.milliseconds:.3f}",
    )


def _short(model: ModelTraits) -> str:
    return model.model.rstrip("/").rsplit("/", 1)[-1]
