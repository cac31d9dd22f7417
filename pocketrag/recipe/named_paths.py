"""Files and folders that a recipe names, relative to it."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError


def need_file(recipe: Path, key: str, named: Path) -> Path:
    """Return a file, absolute.

    Raises:
        InputError: it is not there; the message names the recipe's key.

    """
    file = (recipe.parent / named).resolve()
    if not file.is_file():
        raise InputError(f"{recipe}: `{key}` names {file}, which is not a file.")
    return file


def need_folder(recipe: Path, key: str, named: Path) -> Path:
    """Return a folder, absolute; it need not be there yet.

    Raises:
        InputError: something else is there; the message names the recipe's key.

    """
    folder = (recipe.parent / named).resolve()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{recipe}: `{key}` names {folder}, which is not a folder.")
    return folder


def folder_or_id(parent: Path, named: str) -> str:
    """Return a folder, absolute, or the hub id as it is named; a folder wins over an id of its spelling."""
    folder = parent / Path(named).expanduser()
    return str(folder.resolve()) if folder.is_dir() else named
