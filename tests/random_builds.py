"""Whole builds of random models, which need not win, nor rank better than chance: what stays in the work folder is looked at."""

import json
from pathlib import Path

from tests.conftest import cli

#: Stage -> the options of its verb.
STAGES = {
    "merge": ("merge",),
    "convert-base": ("convert", "--source", "base"),
    "convert-tuned": ("convert", "--source", "tuned"),
    "quantize-base": ("quantize", "--source", "base"),
}
FACTS = "stages.json"


def build_random(folder: Path) -> None:
    """Build `tiny.toml` up to its bundle, and write the facts of its stages."""
    done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    found = {}
    for stage, (verb, *options) in STAGES.items():
        done = cli(verb, "tiny.toml", *options, "--json", cwd=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        found[stage] = json.loads(done.stdout)
    (folder / FACTS).write_text(json.dumps(found))


def facts(folder: Path) -> dict:
    """Return the facts of its stages."""
    return json.loads((folder / FACTS).read_text())


def bundle(folder: Path) -> Path:
    """Return its bundle, published or not."""
    return folder / "work" / "tiny" / "bundle" / "tiny"


def manifest(folder: Path) -> dict:
    """Return the bundle's manifest."""
    return json.loads((bundle(folder) / "manifest.json").read_text())


def gates(folder: Path) -> dict[str, str]:
    """Return the bundle's gates with their outcomes."""
    done = cli("verify", bundle(folder), "--json", cwd=folder)
    return {gate["gate"]: gate["outcome"] for gate in json.loads(done.stdout)["gates"]}
