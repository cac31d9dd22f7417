"""The record of a release, `versions/TAG.json` in git.

What was released, and the digest of every file of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import Part
from pocketrag.formats.facts.base import Source
from pocketrag.formats.layout import MODEL
from pocketrag.formats.manifest import File, Manifest, read_manifest
from pocketrag.runtime.database import Database
from pocketrag.runtime.rag import open_bundle

from .repository import Repository

FOLDER = "versions"
#: A tag that is also a file name.
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def _inner(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or not parts.parts or ".." in parts.parts or "\\" in path:
        raise ValueError(f"{path!r} leaves the repository")
    return path


Inner = Annotated[str, AfterValidator(_inner)]


class Corpus(Part):
    """The passages: in git, beside the pointers."""

    path: Inner
    sha256: str


class Artifacts(Part):
    """What DVC keeps, by its path from the repository's root; the pointer of each is `PATH.dvc`."""

    embeddings: Inner
    """float32 [passages, dims], before int8."""
    database: Inner
    model: Inner
    """A folder: the `.tflite`, its tokenizer, and the float embedder if it was made here (tuned, trimmed)."""
    bundle: Inner

    @property
    def paths(self) -> list[str]:
        """All of them."""
        return [self.embeddings, self.database, self.model, self.bundle]

    @property
    def pointers(self) -> list[str]:
        """The pointers' files."""
        return [f"{path}.dvc" for path in self.paths]


class Record(Part):
    """A release."""

    tag: str
    name: str
    version: str
    model_id: str
    ships: Source
    corpus: Corpus
    artifacts: Artifacts
    files: dict[Inner, File]


def place(tag: str) -> str:
    """Return where the record of a tag lies, from the repository's root.

    Raises:
        InputError: the tag can't name a file and a git tag.

    """
    if not _TAG.fullmatch(tag) or ".." in tag or tag.endswith((".lock", ".")):
        raise InputError(
            f"tag {tag[:80]!r}: letters, digits and ._+- only, beginning with a letter or digit, "
            "such as v1.1-qlora."
        )
    return f"{FOLDER}/{tag}.json"


def reference(tag: str) -> str:
    """Return the tag's full name: a branch may be called the same."""
    return f"refs/tags/{tag}"


def read_record(repository: Repository, tag: str) -> Record:
    """Return the record of a release from its tag, not from the files at hand.

    Raises:
        InputError: there is no such tag, or it is not a release.

    """
    file = place(tag)
    if not repository.says("rev-parse", "--verify", "--quiet", reference(tag)):
        known = repository.git("tag", "--list", "--sort=-creatordate").split()[:10]
        there = f"the latest are {', '.join(known)}" if known else "there is none"
        raise InputError(f"tag {tag!r}: no such tag; {there}. `git fetch --tags` brings those of others.")
    if not repository.says("cat-file", "-e", f"{reference(tag)}:{file}"):
        raise InputError(f"tag {tag!r}: not made by `pocketrag release`, it holds no {file}.")
    try:
        record = Record.model_validate(json.loads(repository.git("show", f"{reference(tag)}:{file}")))
    except (ValidationError, ValueError) as error:
        raise InputError(
            f"{file} of {tag}: not a record of a release ({str(error).splitlines()[0]})."
        ) from None
    if record.tag != tag:
        raise InputError(f"{file}: is the record of {record.tag!r}, not of {tag!r}.")
    return record


def listing(root: Path, artifacts: Artifacts) -> dict[str, File]:
    """Return size and SHA-256 of every file of the artifacts, keyed by its path from the root."""
    found = {}
    for path in artifacts.paths:
        whole = root / path
        inner = sorted(p for p in whole.rglob("*") if p.is_file()) if whole.is_dir() else [whole]
        for file in (file for file in inner if file.is_file()):
            found[file.relative_to(root).as_posix()] = File(
                bytes=file.stat().st_size, sha256=files.sha256(file)
            )
    return found


def prove(root: Path, record: Record) -> None:
    """Check that what lies here is what was released, and that database, manifest and model name one model.

    Raises:
        GateError: a file is missing, too many or changed, or the parts don't belong together.

    """
    found = listing(root, record.artifacts)
    if wrong := sorted(name for name in {*found, *record.files} if found.get(name) != record.files.get(name)):
        raise GateError(
            f"{', '.join(wrong[:3])}{' …' if len(wrong) > 3 else ''}: not what {record.tag} released "
            "(SHA-256 or size differ). "
            "The DVC cache or remote holds a damaged object: remove it there, and `dvc push` it again from "
            "where it is whole."
        )
    # Digests first: nothing is opened that was not released.
    bundle = _opened(root / record.artifacts.bundle)
    for where, name, wanted in (
        (record.artifacts.bundle, bundle.model_id, record.model_id),
        (record.artifacts.database, _made_by(root, record), bundle.vectors_model_id),
    ):
        if name != wanted:
            raise GateError(
                f"{where}: of the model {name!r}, but {record.tag} released {wanted!r}. "
                "Build and release again."
            )
    if (
        len(
            {
                found[f"{folder}/{MODEL}"].sha256
                for folder in (record.artifacts.model, record.artifacts.bundle)
            }
        )
        > 1
    ):
        raise GateError(
            f"{record.artifacts.model}: its {MODEL} is not that of {record.artifacts.bundle}. Build "
            "and release again."
        )


def _opened(bundle: Path) -> Manifest:
    try:
        # Digests by the manifest, the id by the model's own bytes, the database by the manifest.
        with open_bundle(bundle):
            return read_manifest(bundle)
    except InputError as error:
        raise GateError(str(error)) from None


def _made_by(root: Path, record: Record) -> str:
    try:
        database = Database(root / record.artifacts.database)
    except InputError as error:
        raise GateError(str(error)) from None
    try:
        return database.model_id
    finally:
        database.close()
