"""After each verb, the command that usually comes next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from string import Formatter
from typing import Any

from pocketrag.console import out
from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.status import StatusFacts
from pocketrag.formats.npu import SUFFIX

from .verbs import VERBS

#: Verb -> what follows it. Fields are the verb's options, then its facts; a line whose field has no value is
#: left out.
NEXT: Mapping[str, tuple[str, ...]] = {
    "aar": ("put the line above into the app's build file; android_assets/README.md says what to call",),
    "build": (
        'pocketrag search {bundle} "a question of yours"',
        "pocketrag gradle {bundle} --out into-the-app",
    ),
    "apply": ("pocketrag verify {out}",),
    "bundle": ("pocketrag build {recipe}",),
    "check": ("pocketrag build {recipe}",),
    "chunk": ("pocketrag init my --corpus {out}",),
    "convert": ("pocketrag quantize {recipe}",),
    "delta": ("pocketrag channel site add {new} --key {key}",),
    "distill": ("pocketrag build {recipe}",),
    "exam": ("pocketrag tiers {recipe}",),
    "gradle": ("open {project} in Android Studio, or: cd {project} && gradle :sample:assembleDebug",),
    "import": ("pocketrag init {out}",),
    "index": ("pocketrag bundle {recipe}",),
    "instruct": ("pocketrag pack {recipe}",),
    "key": ("put the public key into the app; docs/updates.md says where {file} is kept",),
    "latency": ("pocketrag report {bundle}",),
    "merge": ("pocketrag evaluate {recipe}",),
    "mine": ("pocketrag tune {recipe}",),
    "npu": ("pocketrag verify {bundle}", "pocketrag gradle {bundle} --out into-the-app"),
    "pack": ("pocketrag exam {recipe}",),
    "parity": ("pocketrag report {bundle}",),
    "push": ("hf download {to} --revision {commit} --local-dir android_assets",),
    "quantize": ("pocketrag index {recipe}",),
    "release": ("pocketrag fallback {tag}, should it disappoint",),
    "status": ("pocketrag build {recipe}",),
    "tiers": ("pocketrag gradle android_assets/{name} --out into-the-app",),
    "trim": ("pocketrag build {recipe}",),
    "tune": ("pocketrag merge {recipe}",),
    "verify": ("pocketrag report {bundle}",),
}
#: Options that the next command of the same recipe needs too.
CARRIED = {"work": "work", "base": None}


def show_next(verb: str, facts: Facts, arguments: Mapping[str, Any]) -> None:
    """Print the next commands, unless what was done failed."""
    if getattr(facts, "exit", 0) or getattr(facts, "to_run", None) == 0:
        return
    verb = "status" if isinstance(facts, StatusFacts) else verb  # of `build --dry-run`, too
    lines = next_commands(verb, facts, arguments)
    for place, line in enumerate(lines):
        out.print(f"{'' if place else chr(10)}{'     ' if place else 'next:'} {line}", markup=False)


def next_commands(verb: str, facts: Facts, arguments: Mapping[str, Any]) -> list[str]:
    """Return the lines of `NEXT` with this run's values."""
    values = {**facts.as_json(), **{key: value for key, value in arguments.items() if value is not None}}
    if verb == "npu" and isinstance(beside := values.get("out"), str):
        values["bundle"] = beside.removesuffix(SUFFIX)
    quoted = {key: shlex.quote(value) for key, value in values.items() if isinstance(value, str)}
    return [
        line.format(**quoted) + (_carried(line, arguments) if "{recipe}" in line else "")
        for line in NEXT.get(verb, ())
        if all(name in quoted for _, name, _, _ in Formatter().parse(line) if name)
    ]


def _carried(line: str, arguments: Mapping[str, Any]) -> str:
    verb = next(verb for verb in VERBS if verb.name == line.split()[1])
    return "".join(
        f" {option.name} {shlex.quote(arguments[option.keyword])}"
        for option in verb.options
        if option.keyword in CARRIED and arguments.get(option.keyword) not in (None, CARRIED[option.keyword])
    )
