"""What a build was made from, beside the recipe: digests of its files and models, versions of its packages.

`build` writes it, `build --locked` refuses what differs.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, ValidationError

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import commit, fingerprint
from pocketrag.formats.facts.base import Sha256
from pocketrag.recipe.base_model import base_folder
from pocketrag.recipe.student_start import start_folder
from pocketrag.recipe.students import ModelStudent

from .project import Project

#: The extras whose packages decide what a bundle holds.
EXTRAS = ("bench", "train", "export", "npu", "demo")
SUFFIX = ".lock.json"


class LockedModel(BaseModel):
    """A model that the build starts from."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    named: str
    """A hub id, or the name of a folder."""
    revision: str | None
    """The hub's commit; None of a folder of one's own."""
    digest: Sha256
    """Of its configurations, tokenizer and weights."""


class InputLock(BaseModel):
    """The file `RECIPE.lock.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    lock: Literal[1] = 1
    files: dict[str, Sha256]
    """Of the recipe, by its keys."""
    models: dict[str, LockedModel]
    """By the recipe's keys."""
    packages: dict[str, str]
    """Versions, by name."""
    python: str
    """Major and minor version."""


def lock_file(recipe: str) -> Path:
    """Return where a recipe's lock lies: `app.lock.json` beside `app.toml`."""
    return Path(recipe).with_suffix(SUFFIX)


def lock_of(project: Project) -> InputLock:
    """Return what a build would be made from now.

    Raises:
        InputError: a model is not here, and the hub does not give it.

    """
    sha256 = project.digests.sha256
    recipe = project.recipe
    named = {f"data.{key}": path for key, path in recipe.data.paths.items()}
    if recipe.model.licence_file:
        named["model.licence_file"] = recipe.model.licence_file
    return InputLock(
        files={key: sha256(path) for key, path in sorted(named.items())},
        models={key: _model(project, name, folder) for key, name, folder in _models(project)},
        packages=_packages(),
        python=".".join(platform.python_version_tuple()[:2]),
    )


def write_lock(project: Project) -> None:
    """Write the lock beside the recipe where it says something else; where it can't be written, say so."""
    file, text = lock_file(project.file), files.to_json(lock_of(project).model_dump())
    if file.is_file() and file.read_text("utf-8") == text:
        return
    try:
        files.write_atomic(file, text)
    except OSError as error:
        status(f"{file}: not written ({error.strerror}); `build --locked` has nothing to go by")


def refuse_unlocked(project: Project) -> None:
    """Refuse a build from anything but what the lock says.

    Raises:
        InputError: there is no lock, it can't be read, or inputs differ from it, each named.

    """
    file = lock_file(project.file)
    if not file.is_file():
        raise InputError(
            f"{file}: missing; a build without --locked writes it, and it belongs beside the recipe in git."
        )
    wanted, here = _read(file), lock_of(project)
    if found := list(_differences(wanted, here)):
        raise InputError(
            f"{file}: {len(found)} of the inputs are not those that were locked:\n"
            + "\n".join(f"  {line}" for line in found)
            + "\nBring them back, or build without --locked, which writes the lock anew."
        )


def _models(project: Project) -> Iterator[tuple[str, str, Path]]:
    recipe = project.recipe
    yield "model.base", recipe.model.base, base_folder(recipe)
    for name, student in sorted(recipe.students.items()):
        if isinstance(student, ModelStudent):
            yield f"students.{name}.start", student.start, start_folder(name, student)


def _model(project: Project, named: str, folder: Path) -> LockedModel:
    # A path says something about one machine.
    shown = Path(named).name if Path(named).is_absolute() else named
    return LockedModel(
        named=shown, revision=commit(folder), digest=fingerprint(folder, project.digests.sha256)
    )


def _packages() -> dict[str, str]:
    found = {"pocketrag": metadata.version("pocketrag")}
    for line in metadata.requires("pocketrag") or []:
        wanted = Requirement(line)
        if wanted.name != "pocketrag" and _counts(wanted):
            try:
                found[canonicalize_name(wanted.name)] = metadata.version(wanted.name)
            except metadata.PackageNotFoundError:
                continue
    return dict(sorted(found.items()))


def _counts(wanted: Requirement) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *EXTRAS))


def _read(file: Path) -> InputLock:
    try:
        return InputLock.model_validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise InputError(
            f"{file}: not a lock of this version; a build without --locked writes it anew ({_first(error)})."
        ) from None


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return ": ".join(filter(None, (".".join(map(str, fault["loc"])), fault["msg"])))
    return str(error)


def _differences(wanted: InputLock, here: InputLock) -> Iterator[str]:
    was, now = _lines(wanted), _lines(here)
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            yield f"{key}: locked {was.get(key, 'none')}, here {now.get(key, 'none')}"


def _lines(lock: InputLock) -> dict[str, str]:
    return {
        "Python": lock.python,
        **{f"`{key}`": f"sha256 {digest[:12]}" for key, digest in lock.files.items()},
        **{f"`{key}`": _shown(model) for key, model in lock.models.items()},
        **lock.packages,
    }


def _shown(model: LockedModel) -> str:
    revision = f" at {model.revision[:12]}" if model.revision else ""
    return f"{model.named}{revision}, sha256 {model.digest[:12]}"
