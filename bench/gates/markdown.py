"""The gates in Markdown, for the summary page of a GitHub workflow.

Https://docs.github.com/en/actions, `GITHUB_STEP_SUMMARY`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.gate import FAIL, ORDER, PASS, SKIPPED, UNCHECKED

Environment = Mapping[str, Any]

#: An exit code of `verify` in words.
WORDS = {
    0: "all required gates pass",
    1: "a gate fails: do not ship this",
    4: "a required gate could not be checked, so nothing says that this may ship",
}
#: Words beside the signs, for whoever doesn't see them.
SIGNS = {PASS: "✅ pass", FAIL: "❌ fail", UNCHECKED: "⚪ unchecked", SKIPPED: "➖ skipped"}
#: What GitHub's Markdown reads as markup (https://github.github.com/gfm/#backslash-escapes), `|` of tables
#: included.
_MARKUP = re.compile(r"([\\`*_\[\]|~#!@:])")


def summary(facts: VerifyFacts, environment: Environment | None = None) -> str:
    """Return the facts of `verify` as Markdown: verdict, counts, a table with what needs attention first.

    Args:
        facts: what `verify` found.
        environment: as `pocketrag.formats.environment.environment` returns it.

    """
    outcomes = [gate.outcome for gate in facts.gates]
    counts = ", ".join(f"{n} {word}" for word in ORDER if (n := outcomes.count(word)))
    rows = sorted(facts.gates, key=lambda gate: ORDER.index(gate.outcome))
    lines = [
        f"## {plain(facts.bundle)}",
        "",
        f"**For {plain(facts.for_)}: {WORDS.get(facts.exit, plain(facts.exit))}** ({counts or 'no gates'})",
        "",
        "| gate | outcome | value | limit | detail |",
        "|---|---|---:|---:|---|",
        *(_row(gate) for gate in rows),
        *_environment(environment or {}),
    ]
    return "\n".join(lines) + "\n"


def _row(gate: GateFacts) -> str:
    cells = [
        plain(gate.gate),
        SIGNS[gate.outcome],
        _number(gate.value),
        _number(gate.limit),
        plain(gate.said),
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _environment(environment: Environment) -> list[str]:
    if not environment:
        return []
    machine, versions = environment.get("machine", {}), environment.get("versions", {})
    commit = environment.get("commit")
    parts = [
        environment.get("time"),
        ", ".join(str(machine[key]) for key in ("processor", "architecture", "system") if machine.get(key)),
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"commit {commit[:12]}{' with changes' if environment.get('dirty') else ''}" if commit else None,
    ]
    return ["", f"<sub>{'; '.join(plain(part) for part in parts if part)}</sub>"]


def plain(value: object) -> str:
    """Return text that GitHub shows as it is, in one line.

    Neither HTML nor Markdown of a corpus or a path takes effect.
    """
    return _MARKUP.sub(r"\\\1", html.escape(" ".join(str(value).split()), quote=False))
