"""The tables that people read; `--json` prints the same facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pocketrag.console import out, table
from pocketrag.quality import show_quality, show_target
from pocketrag.show_bench import show_gates, show_latency, show_parity, show_verify


def show(verb: str, facts: dict[str, Any]) -> None:
    """Print a verb's result."""
    VIEWS.get(verb, _plain)(facts)


def _plain(facts: Mapping[str, Any]) -> None:
    table("", ("fact", "value"), [(key, _short(value)) for key, value in facts.items()])


def _import(facts: Mapping[str, Any]) -> None:
    pairs = [*facts["fields"].items(), *facts["question_fields"].items()]
    table(facts["out"], ("our field", "taken from"), pairs)
    out.print()
    counts = {key.replace("_", " "): value for key, value in facts.items() if isinstance(value, int) and value}
    skipped = {f"skipped {key}": value for key, value in facts["skipped"].items() if value}
    table("", ("what", "count"), [*counts.items(), *skipped.items()])
    out.print(f"\nwritten: {', '.join(facts['files'])}", markup=False)


def _check(facts: Mapping[str, Any]) -> None:
    table(facts["recipe"], ("check", "outcome", "detail"), [(c["check"], c["outcome"], c["detail"]) for c in facts["checks"]])


def _search(facts: Mapping[str, Any]) -> None:
    out.print(f"{facts['question']}  ({facts['mode']})\n", markup=False)
    if facts["fell_back"]:
        out.print(f"{facts['fell_back']}\n", markup=False)
    if facts["abstain"]:
        best = f"the best passage's cosine is {facts['best']:.3f}, below {facts['threshold']:.3f}"
        out.print(f"The corpus probably holds no answer: {best}.\n", markup=False)
    for hit in facts["hits"]:
        where = ", ".join(str(v) for v in (hit["source"], f"page {hit['page']}" if hit["page"] else None) if v)
        out.print(f"{hit['rank']}. {hit['title']}  [{hit['score']:.3f}; {hit['id']}; {where}]", markup=False, style="bold")
        out.print(f"   {hit['text']}\n", markup=False)
    for block in facts.get("context", ()):
        out.print(f"[{', '.join(block['ids'])}; {block['tokens']} tokens]", markup=False, style="bold")
        out.print(f"   {block['text']}\n", markup=False)


def _evaluate(facts: Mapping[str, Any]) -> None:
    if facts["kind"] == "recipe":
        show_quality({key: value for key, value in facts.items() if isinstance(value, dict)}, whole=True)
    else:
        show_target(facts)


def _build(facts: Mapping[str, Any]) -> None:
    show_quality(facts["quality"])
    out.print()
    show_gates(facts["gates"])
    out.print()
    size = facts["bytes"] / 1e6
    rows = [
        ("model", facts["model_id"]),
        ("ships", f"{facts['verdict']['ships']} ({facts['verdict']['reason']})"),
        (
            "size",
            f"{size:.1f} MB: " + ", ".join(f"{name} {bytes_ / 1e6:.1f}" for name, bytes_ in facts["files"].items() if bytes_ > 5e4),
        ),
        (
            "gates",
            ", ".join(f"{n} {word}" for word in ("pass", "fail", "unchecked", "skipped") if (n := _count(facts["gates"], word))),
        ),
        ("seconds", str(facts["seconds"])),
        ("bundle", facts["bundle"]),
    ]
    table(f"{facts['name']} {facts['version']}", ("", ""), rows)


def _report(facts: Mapping[str, Any]) -> None:
    table("", ("report", "verdict"), [(row["report"], row["verdict"]) for row in facts["reports"]])
    out.print(f"\nwritten: {facts['out']}", markup=False)


def _count(gates: list[dict[str, Any]], word: str) -> int:
    return sum(1 for gate in gates if gate["outcome"] == word)


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = str(value)
    return text if len(text) <= 160 else f"{text[:157]}..."


VIEWS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "build": _build,
    "check": _check,
    "evaluate": _evaluate,
    "import": _import,
    "report": _report,
    "latency": show_latency,
    "parity": show_parity,
    "search": _search,
    "verify": show_verify,
}
