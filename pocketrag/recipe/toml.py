"""Reading TOML, and saying in one line what is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same reader under its older name
    import tomli as tomllib

__all__ = ["explain", "key_of", "read_toml", "tomllib"]

#: Ends the tag of one of several classes that a table may be read as, which pydantic puts among its keys.
TAG = " kind>"


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        InputError: it is missing, not UTF-8 or not TOML.

    """
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file}: not TOML ({error}).") from None


def key_of(error: Any) -> list[str]:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return the key that one of pydantic's errors is about, with its tables, list places included."""
    return [part for part in map(str, error["loc"]) if not part.endswith(TAG)]


def explain(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Turn one of pydantic's errors into words that name the key."""
    key = ".".join(key_of(error))
    if error["type"] == "extra_forbidden":
        return f"unknown key `{key}`; remove it or mend its spelling"
    if error["type"] == "missing":
        return f"the key `{key}` is missing"
    said = str(error["msg"].removeprefix("Value error, "))
    # What concerns several keys names them itself.
    return f"`{key}`: {said}" if key else said
