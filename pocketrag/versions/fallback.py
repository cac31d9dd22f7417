"""`pocketrag fallback`: back to a release.

Pointers from its tag, data from DVC, and the proof that the parts belong together.
"""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.versions import FallbackFacts

from . import record, repository
from .record import Record
from .repository import Repository

#: DVC's word for data that no cache holds.
UNSAVED = "unsaved"


@dataclass(frozen=True)
class Before:
    """What was at one artifact's place."""

    path: Path
    there: bool
    pointer: bytes | None
    """The pointer's bytes; None where there was none."""


def fallback(tag: str) -> FallbackFacts:
    """Bring back the artifacts of a release.

    The branch stays where it is, and the pointers are left to be committed.

    Raises:
        InputError: no repository, no such release, other passages, or data that no cache and no remote holds.
            All stays as it was.
        GateError: what came back is not what was released. All stays as it was.

    """
    home = repository.find_repository()
    made = record.read_record(home, tag)
    _same_passages(home, made)
    before = [_before(home.root / path) for path in made.artifacts.paths]
    try:
        _take_pointers(home, made)
        _bring(home, made)
        record.prove(home.root, made)
    except BaseException:
        _undo(home, before)
        raise
    return FallbackFacts(
        tag=tag,
        model_id=made.model_id,
        ships=made.ships,
        bundle=made.artifacts.bundle,
        proved=f"{len(made.files)} files as released; database, manifest and model agree",
        next=shlex.join(["git", "commit", "-m", f"Fall back to {tag}", "--", *made.artifacts.pointers]),
    )


def _same_passages(home: Repository, made: Record) -> None:
    corpus = home.root / made.corpus.path
    if not corpus.is_file() or files.sha256(corpus) != made.corpus.sha256:
        raise InputError(
            f"{made.corpus.path}: not the passages that {made.tag} was built from, and a fallback changes "
            "the model, never the "
            f"passages. `git checkout {made.tag} -- {made.corpus.path}` if those are meant; else build and "
            "release that model anew."
        )


def _take_pointers(home: Repository, made: Record) -> None:
    # Not by `git restore`: it leaves a file that was changed within the same second to another of the same
    # size, as pointers are.
    texts = {
        pointer: home.git("show", f"{record.reference(made.tag)}:{pointer}")
        for pointer in made.artifacts.pointers
    }
    for pointer, text in texts.items():
        (home.root / pointer).parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(home.root / pointer, text)


def _bring(home: Repository, made: Record) -> None:
    # DVC's checkout deletes what it can't replace, so everything must be in the cache before it starts.
    if _missing(home, made):
        status("fetching from the DVC remote")
        home.dvc("fetch", *made.artifacts.pointers)
    if missing := _missing(home, made):
        raise InputError(
            f"{missing[0]}: the data of {made.tag} are neither in the DVC cache nor in a remote that "
            "is configured here (`dvc remote list`). Nothing was changed."
        )
    try:
        home.dvc("checkout", *made.artifacts.pointers)
    except InputError as error:
        if UNSAVED not in str(error):
            raise
        lost = [part.rstrip(".") for part in str(error).split("; ") if part.startswith(str(home.root))]
        raise InputError(
            f"{', '.join(lost) or made.artifacts.bundle}: was never released, a fallback would lose it. "
            "`pocketrag release` it, or move it away. Nothing was changed."
        ) from None


def _missing(home: Repository, made: Record) -> list[str]:
    listed = json.loads(home.dvc("data", "status", "--granular", "--json")).get("not_in_cache", [])
    ours = made.artifacts.paths
    return sorted(
        name
        for name in listed
        if any(name.rstrip("/") == path or name.startswith(f"{path}/") for path in ours)
    )


def _before(path: Path) -> Before:
    pointer = path.with_name(f"{path.name}.dvc")
    return Before(path, path.exists(), pointer.read_bytes() if pointer.is_file() else None)


def _undo(home: Repository, before: list[Before]) -> None:
    status("putting back what was there")
    for item in before:
        pointer = item.path.with_name(f"{item.path.name}.dvc")
        if item.pointer is not None:
            files.write_atomic(pointer, item.pointer.decode("utf-8"))
            _checkout(home, pointer)
        else:
            pointer.unlink(missing_ok=True)
        if not item.there:
            shutil.rmtree(item.path) if item.path.is_dir() else item.path.unlink(missing_ok=True)


def _checkout(home: Repository, pointer: Path) -> None:
    try:
        home.dvc("checkout", home.relative(pointer))
    except InputError as error:
        # Where it would lose unsaved data DVC refuses: then they are still there, untouched.
        if UNSAVED not in str(error):
            status(f"{pointer.name}: {error}")
