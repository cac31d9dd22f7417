"""The tables that people read; `--json` prints the same facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pocketrag.console import out, table

MEASURES = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")


def show(verb: str, facts: dict[str, Any]) -> None:
    """Print a verb's result."""
    VIEWS.get(verb, _plain)(facts)


def _plain(facts: Mapping[str, Any]) -> None:
    table("", ("fact", "value"), [(key, _short(value)) for key, value in facts.items()])


def _check(facts: Mapping[str, Any]) -> None:
    table(facts["recipe"], ("check", "outcome", "detail"), [(c["check"], c["outcome"], c["detail"]) for c in facts["checks"]])


def _gates(gates: list[dict[str, Any]]) -> None:
    rows = [(g["gate"], g["outcome"], g["value"], g["limit"], g["detail"]) for g in gates]
    table("", ("gate", "outcome", "value", "limit", "detail"), rows)


def _verify(facts: Mapping[str, Any]) -> None:
    _gates(facts["gates"])
    words = {0: "all required gates pass", 1: "a gate fails: do not ship this", 4: "a required gate could not be checked"}
    out.print(f"\n{facts['bundle']}, for {facts['for']}: {words[facts['exit']]}", markup=False)


def _search(facts: Mapping[str, Any]) -> None:
    out.print(f"{facts['question']}  ({facts['mode']})\n", markup=False)
    for hit in facts["hits"]:
        where = ", ".join(str(v) for v in (hit["source"], f"page {hit['page']}" if hit["page"] else None) if v)
        out.print(f"{hit['rank']}. {hit['title']}  [{hit['score']:.3f}; {hit['id']}; {where}]", markup=False, style="bold")
        out.print(f"   {hit['text']}\n", markup=False)


def _evaluate(facts: Mapping[str, Any]) -> None:
    if facts["kind"] == "recipe":
        _quality({key: value for key, value in facts.items() if isinstance(value, dict)})
        return
    table(f"{facts['target']} ({facts['mode']})", ("", "n", *MEASURES), [_row("all", facts)])
    for key in ("difficulty", "category"):
        if facts[f"by_{key}"]:
            table(f"\nby {key}", (key, "n", *MEASURES), [_row(name, row) for name, row in facts[f"by_{key}"].items()])


def _quality(models: Mapping[str, Mapping[str, Any]]) -> None:
    rows = []
    for name, scores in models.items():
        rows.append(_row(f"{name}", scores))
        rows += [_row(f"  {name}, {mode}", row) for mode, row in scores.get("modes", {}).items() if mode != "dense"]
    table("test questions", ("model", "n", *MEASURES), rows)
    for name, scores in models.items():
        if against := scores.get("against_base"):
            low, high = against["interval"]
            out.print(
                f"{name} against base (float32), nDCG@10: {against['difference']:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}, "
                f"n = {against['n']}: {against['verdict']}",
                markup=False,
            )
    name, last = list(models.items())[-1]
    for key in ("difficulty", "category"):
        if by := last.get(f"by_{key}"):
            table(f"\n{name}, by {key}", (key, "n", *MEASURES), [_row(value, row) for value, row in by.items()])


def _build(facts: Mapping[str, Any]) -> None:
    _quality(facts["quality"])
    out.print()
    _gates(facts["gates"])
    out.print()
    size = facts["bytes"] / 1e6
    rows = [
        ("model", facts["model_id"]),
        ("ships", f"{facts['verdict']['ships']} ({facts['verdict']['reason']})"),
        (
            "size",
            f"{size:.1f} MB: " + ", ".join(f"{name} {bytes_ / 1e6:.1f}" for name, bytes_ in facts["files"].items() if bytes_ > 5e4),
        ),
        ("gates", ", ".join(f"{n} {word}" for word in ("pass", "fail", "unchecked") if (n := _count(facts["gates"], word)))),
        ("seconds", str(facts["seconds"])),
        ("bundle", facts["bundle"]),
    ]
    table(f"{facts['name']} {facts['version']}", ("", ""), rows)


def _count(gates: list[dict[str, Any]], word: str) -> int:
    return sum(1 for gate in gates if gate["outcome"] == word)


def _row(name: str, scores: Mapping[str, Any]) -> tuple[Any, ...]:
    return (name, scores["n"], *(scores[m] for m in MEASURES))


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = str(value)
    return text if len(text) <= 160 else f"{text[:157]}..."


VIEWS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "build": _build,
    "check": _check,
    "evaluate": _evaluate,
    "search": _search,
    "verify": _verify,
}
