"""A stage: a folder that is made once from named inputs, and again only when they, the settings or the code change."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from pocketrag import files, interrupt
from pocketrag.android_assets import sql
from pocketrag.console import status
from pocketrag.errors import InputError

MANIFEST = "manifest.json"
HALLWAY = Path(__file__).parent
MODELS = ("numpy", "torch", "transformers", "tokenizers", "sentence-transformers")
#: Packages whose version changes what a wing's stages produce.
PACKAGES = {
    "pocketrag": MODELS,
    "training": (*MODELS, "peft", "datasets", "accelerate", "ir-measures", "scipy", "ai-edge-litert", "apsw"),
    "export": (*MODELS, "litert-torch", "ai-edge-quantizer", "ai-edge-litert", "sentencepiece", "wordfreq", "apsw", "sqlite-vec"),
}


#: Hallway modules that only handle what stages made.
AFTER = ("release.py", "fallback.py", "record.py", "repository.py", "model_id.py", "reports.py", "environment.py")


@dataclass(frozen=True)
class Stage:
    """A finished stage."""

    folder: Path
    facts: dict[str, Any]
    """What the stage found out: counts, scores, sizes."""
    digest: str
    """Of all its files; the input of the stages after it."""
    ran: bool
    """False where an earlier run was still good."""


def run(folder: Path, wing: Path, inputs: dict[str, str], settings: Any, make: Callable[[Path], dict[str, Any]]) -> Stage:  # noqa: ANN401
    """Make `folder` by calling `make(empty folder)`, unless its manifest says that nothing changed.

    Args:
        folder: where the stage lies; its name is the stage's.
        wing: the folder of the calling wing's code, part of the key.
        inputs: name -> digest of everything that is read.
        settings: JSON value of everything that was chosen.
        make: writes the files into the folder it is given and returns the facts.

    Raises:
        Whatever `make` raises; the earlier folder is whole then.

    """
    key = key_of(folder.name, wing, inputs, settings)
    if (done := load(folder, key)) is not None:
        status(f"{folder.name}: unchanged")
        return done
    status(f"{folder.name}: running")
    if not first_process():
        with tempfile.TemporaryDirectory() as aside:
            return Stage(folder, make(Path(aside)), "", ran=True)
    with files.new_folder(folder) as beside:
        facts = make(beside)
        interrupt.check()
        outputs = files.digests(beside)
        (beside / MANIFEST).write_text(files.to_json({"key": key, "facts": facts, "outputs": outputs}), "utf-8")
    return Stage(folder, facts, files.digest_of(outputs), ran=True)


def key_of(name: str, wing: Path, inputs: dict[str, str], settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return all that a stage is made from, the code and the packages' versions included: equal keys, equal stages."""
    return {
        "stage": name,
        "inputs": inputs,
        "settings": settings,
        **_made_by(wing),
    }


def first_process() -> bool:
    """Say whether this process writes results; of those that a launcher such as `accelerate launch` starts, one does."""
    return os.environ.get("RANK", "0") == "0"


def load(folder: Path, key: dict[str, Any] | None = None) -> Stage | None:
    """Return the stage that lies at `folder` if it is whole and, where `key` is given, was made with just that key."""
    files.recover(folder)
    if not (folder / MANIFEST).is_file():
        return None
    try:
        manifest = files.read_json(folder / MANIFEST)
        same = key is None or files.digest_of(manifest["key"]) == files.digest_of(key)
        outputs = {name: digest for name, digest in files.digests(folder).items() if name != MANIFEST}
        if not same or outputs != manifest["outputs"]:
            return None
        return Stage(folder, manifest["facts"], files.digest_of(outputs), ran=False)
    except (InputError, KeyError, TypeError):
        return None


def need(
    folder: Path, verb: str, recipe: str, inputs: dict[str, str] | None = None, settings: dict[str, Any] | None = None
) -> Stage:
    """Return the finished stage at `folder`, made from these inputs and settings (a part of its key is enough).

    Raises:
        InputError: it was not made yet, its files changed since, or it was made from something else.

    """
    if (done := load(folder)) is None:
        raise InputError(f"{folder}: not there or damaged; run `pocketrag {verb} {recipe}` first, or `pocketrag build {recipe}`.")
    if name := _differs(folder, inputs or {}, settings or {}):
        raise InputError(f"{folder}: made from another `{name}`; run `pocketrag {verb} {recipe}` again, or `build`.")
    return done


def find(
    folder: Path, inputs: dict[str, str] | None = None, settings: dict[str, Any] | None = None, wing: Path | None = None
) -> Stage | None:
    """Return the finished stage at `folder` if it was made from these inputs and settings, else None.

    Where `wing` is given, it must also have been made by the present code and packages of that wing.
    """
    done = load(folder)
    return done if done and not _differs(folder, inputs or {}, settings or {}, wing) else None


def _differs(folder: Path, inputs: dict[str, str], settings: dict[str, Any], wing: Path | None = None) -> str | None:
    key = files.read_json(folder / MANIFEST)["key"]
    pairs = [(name, key["inputs"].get(name), value) for name, value in inputs.items()]
    pairs += [(name, key["settings"].get(name), value) for name, value in settings.items()]
    pairs += [(name, key.get(name), value) for name, value in (_made_by(wing) if wing else {}).items()]
    return next((name for name, found, wanted in pairs if files.digest_of(found) != files.digest_of(wanted)), None)


def _made_by(wing: Path) -> dict[str, Any]:
    return {"code": _code(wing), "packages": {package: _version(package) for package in PACKAGES[wing.name]}}


def _code(wing: Path) -> str:
    # Any change of code makes stages anew: slower for us, never stale for anyone.
    skip = {"cli.py", "verbs.py", "build.py", "console.py", *AFTER}
    sources = [path for folder in {HALLWAY: 0, wing: 1} for path in sorted(folder.glob("*.py")) if path.name not in skip]
    texts = [sql(name) for name in ("schema.sql", "search.sql")]
    return files.digest_of([texts, *((path.name, files.sha256(path)) for path in sources)])


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
