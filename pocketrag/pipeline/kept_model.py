"""`build --keep-model`: the model as it is over a corpus that changed, for an update of the passages.

Stages that make weights look at texts: which vocabulary stays, what calibrates, what is learnt. A sentence
more would make them all again, and another model of nearly the same. Kept, they count as made from the new
texts; their manifest says from which they were. All that measures runs again, over everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats import files

from .stage import MANIFEST

Key = Mapping[str, Any]
#: The stages whose results are weights, or decide them.
WEIGHTS = frozenset({"trim", "mine", "fixed", "tune", "merge", "convert", "quantize", "litertlm", "distill"})
#: Inputs that must be the same all the same: the models; and the split, for of another one a tuned model may
#: have learnt what is a test question now.
SAME = ("base", "other", "split")
#: Input -> why it must be the same, where that is not plain.
WHY = {"split": " (a question may have changed sides, and what is tuned must not have seen the test)"}


def refused(name: str, changed: str) -> InputError:
    """Return why a stage can't be kept: a setting, a model or the split is another one."""
    return InputError(f"--keep-model: `{changed}` of {name} changed{WHY.get(changed, '')}; build without it.")


def keep(folder: Path, found: Key, wanted: Key) -> Key:
    """Let a finished stage count as made from `wanted`, by the code that made it, and return that key."""
    key = {**wanted, **{part: found[part] for part in ("code", "packages") if part in found}}
    if files.digest_of(key) == files.digest_of(found):
        return found
    manifest = files.read_json(folder / MANIFEST)
    texts = {one: digest for one, digest in found["inputs"].items() if digest != wanted["inputs"].get(one)}
    manifest = {**manifest, "key": key, "made_from": {**texts, **manifest.get("made_from", {})}}
    files.write_atomic(folder / MANIFEST, files.to_json(manifest))
    return key
