"""Bundles with a fallback for the Kotlin tests: their own model once more."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.damage import edit_json, put_digests_right

#: A main encoder's file -> the fallback's.
COPIED = {"embedder.tflite": "fallback.tflite", "golden.json": "fallback.golden.json"}
THRESHOLD = 0.25


def differ(encoder: dict[str, Any]) -> None:
    """Change what decides an encoder's vectors and ranks."""
    encoder["embedder"]["prompts"]["query"] = "rook {question}"
    encoder["embedder"]["lengths"] = encoder["embedder"]["lengths"][-1:]
    encoder["fusion"].update(mode="hybrid", fusion="ranks", dense_weight=0.9)


def convert(manifest: dict[str, Any]) -> None:
    """Add a second encoder to a manifest, with the first one's settings."""
    (main,) = manifest["encoders"]
    model, golden = COPIED.values()
    names = {"name": "static", "role": "fallback", "kind": "static", "file": model, "golden": golden}
    manifest["encoders"].append(copy.deepcopy(main) | names | {"abstention": {"threshold": THRESHOLD}})
    manifest["files"] |= {new: manifest["files"][old] for old, new in COPIED.items()}


def with_fallback(
    bundle: Path, folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None
) -> Path:
    """Write a copy with a fallback; `change` is done to its manifest."""
    made = Path(shutil.copytree(bundle, folder))
    for old, new in COPIED.items():
        shutil.copyfile(made / old, made / new)
    edit_json(made / "manifest.json", convert)
    put_digests_right(made)
    edit_json(made / "manifest.json", change)
    return made
