"""Bundles of contract version 2 for the Kotlin tests, made of bundles of version 1: their own model once more, as the fallback."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.damage import edit_json, put_digests_right

#: The keys that version 1 has at the top and version 2 in each encoder.
OF_ENCODERS = ("embedder", "weights", "agreement", "fusion", "abstention")
#: A main encoder's file -> the fallback's.
COPIED = {"embedder.tflite": "fallback.tflite", "golden.json": "fallback.golden.json"}
THRESHOLD = 0.25


def differ(encoder: dict[str, Any]) -> None:
    """Change what decides an encoder's vectors and ranks, in a manifest of version 1 or an encoder of version 2."""
    encoder["embedder"]["prompts"]["query"] = "rook {question}"
    encoder["embedder"]["lengths"] = encoder["embedder"]["lengths"][-1:]
    encoder["fusion"].update(mode="hybrid", fusion="ranks", dense_weight=0.9)


def convert(manifest: dict[str, Any]) -> None:
    """Make a manifest of version 1 one of version 2, whose second encoder has the first one's settings."""
    shared = {key: manifest.pop(key) for key in OF_ENCODERS} | {"evidence": None}
    named = (("full", "main", "full", *COPIED), ("static", "fallback", "static", *COPIED.values()))
    rows = [dict(zip(("name", "role", "kind", "file", "golden"), row, strict=True)) for row in named]
    manifest.update(contract=2, encoders=[row | copy.deepcopy(shared) for row in rows], ladder=None)
    manifest["encoders"][1]["abstention"] = {"threshold": THRESHOLD}
    manifest["files"] |= {new: manifest["files"][old] for old, new in COPIED.items()}


def with_fallback(
    bundle: Path, folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None
) -> Path:
    """Write a copy of version 2 with a fallback; `change` is done to its manifest."""
    made = Path(shutil.copytree(bundle, folder))
    for old, new in COPIED.items():
        shutil.copyfile(made / old, made / new)
    edit_json(made / "manifest.json", convert)
    put_digests_right(made)
    edit_json(made / "manifest.json", change)
    return made
