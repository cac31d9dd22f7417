"""The table [generator.tiers] of a recipe: which phones get the generator, and what else may answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from pocketrag.formats.facts.tiers import MODEL, URL

from .section import Section


class ServerTier(Section):
    """A server that answers in place of the phone, by OpenAI's chat completions."""

    url: Annotated[str, StringConstraints(pattern=URL)]
    """`https`, up to the `/v1`. It ships in the app: no password, no key."""
    model: Annotated[str, StringConstraints(pattern=MODEL)]
    """What the server calls it."""
    exam: Path | None = None
    """What `pocketrag exam --json` printed of this model, by a recipe with the same exam.

    Without it the tier is unchecked, and does not ship.
    """

    @field_validator("exam", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) else value


class GeneratorTiers(Section):
    """What answers on which phone (docs/generator.md)."""

    memory_megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = 4500
    """The least total memory of a phone that gets the generator, as Android reports it.

    That is a little less than its box says: 4 500 lies between phones sold with 4 and with 6 GB.
    """
    premium: ServerTier | None = None
    """What answers better, elsewhere."""
