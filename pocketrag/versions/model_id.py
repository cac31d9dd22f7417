"""`pocketrag model-id`: show or set the model that a database says it was made by."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import apsw

from pocketrag.errors import InputError
from pocketrag.formats.facts.versions import ModelIdFacts
from pocketrag.formats.files import prefix
from pocketrag.formats.identity import check_model_id
from pocketrag.runtime.database import Database, sqlite_errors


def model_id(database: str, *, new: str | None = None) -> ModelIdFacts:
    """Return the id; with `new`, write it first: to a copy beside, which is then renamed over the database.

    Raises:
        InputError: it is not a database of ours, or `new` can't be an id. The database stays as it was.

    """
    file = Path(database)
    before = _read(file)
    if new is not None and check_model_id(new) != before:
        _write(file, new)
    return ModelIdFacts(database=database, model_id=_read(file), before=before)


def _read(file: Path) -> str:
    if not file.is_file():
        raise InputError(f"{file}: no such file; name a `corpus.db`.")
    opened = Database(file)
    try:
        return opened.model_id
    finally:
        opened.close()


def _write(file: Path, new: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=prefix(file))
    os.close(handle)
    temporary = Path(name)
    try:
        shutil.copyfile(file, temporary)
        _update(temporary, new)
        if _read(temporary) != new:
            raise InputError(
                f"{file}: metadata did not take the new `model_id`; the database stays as it was."
            )
        shutil.copymode(file, temporary)
        # A link (DVC may make one into its cache) is replaced, never written through.
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _update(file: Path, new: str) -> None:
    with sqlite_errors(file):
        connection = apsw.Connection(str(file))
        try:
            connection.execute("PRAGMA journal_mode = OFF")  # the copy is thrown away if anything fails
            connection.execute("UPDATE metadata SET value = ? WHERE key = 'model_id'", (new,))
        finally:
            connection.close()
