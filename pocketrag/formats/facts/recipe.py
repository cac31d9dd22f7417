"""`pocketrag recipe`."""

from __future__ import annotations

from .base import Facts


class KeyFacts(Facts):
    """A key of a recipe."""

    name: str
    """With its tables; `NAME` stands for a name of the author's."""
    takes: str
    """Its type and limits, in words."""
    default: str | None
    """As TOML; "" where the key is absent by default, null where it must be there."""
    about: str
    only: str | None = None
    """The kind of table that has it, where others have not."""


class RecipeFacts(Facts):
    """Keys of a recipe."""

    tables: dict[str, str]
    """Table -> what it is for."""
    keys: tuple[KeyFacts, ...]
