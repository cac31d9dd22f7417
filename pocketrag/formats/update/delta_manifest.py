"""`delta.json`: what a delta makes of which bundle, file by file, and the digest of each part it carries."""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from ..facts.base import Count, Facts, Sha256
from ..facts.updates import How
from ..identity import NAME, VERSION
from .signed_json import of_kind

KIND: Final = "pocketrag-delta"
#: The first two entries of the ZIP, and how a delta's name ends.
DELTA, SIGNATURE, SUFFIX = "delta.json", "delta.sig", ".ragdelta"
#: Bytes of `delta.json` at most: a bundle has about ten files of some hundred bytes each.
MOST = 1 << 20

#: A file of a bundle: letters, digits and `._-`, and no dot before; so no folder above and none below.
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
#: How -> the ends of its entries' names, in their order in the ZIP.
PARTS: dict[How, tuple[str, ...]] = {
    "same": (),
    "patch": ("control", "diff", "extra"),
    "whole": ("whole",),
}


class Side(Facts):
    """The bundle that a delta is for, or the one that it makes."""

    version: Annotated[str, Field(pattern=VERSION)]
    model_id: str
    manifest_sha256: Sha256


class NewFile(Facts):
    """A file of the new bundle."""

    bytes: Count
    sha256: Sha256
    how: How
    from_: FileName | None = None
    """The old bundle's file that it is, or is patched from."""
    from_sha256: Sha256 | None = None
    entry: Annotated[str, Field(pattern=r"^[0-9]{1,4}$")] | None = None
    """What the names of its entries begin with."""

    @model_validator(mode="after")
    def _fits(self) -> NewFile:
        taken = self.from_ is not None and self.from_sha256 is not None
        untaken = self.from_ is None and self.from_sha256 is None
        if not (untaken if self.how == "whole" else taken) or (self.entry is None) != (self.how == "same"):
            raise ValueError(f"`from`, `from_sha256` and `entry` do not fit {self.how!r}")
        if self.how == "same" and self.sha256 != self.from_sha256:
            raise ValueError("`same`, but another digest")
        return self

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of its entries in the ZIP."""
        return tuple(f"{self.entry}.{end}" for end in PARTS[self.how])


class Entry(Facts):
    """A part as it is once unpacked."""

    bytes: Count
    sha256: Sha256


class DeltaManifest(Facts):
    """`delta.json`."""

    kind: Literal["pocketrag-delta"]
    format: Literal[1]
    name: Annotated[str, Field(pattern=NAME)]
    contract: int
    key: KeyId | None
    """The id of the key that signed it; null where nobody did."""
    old: Side
    new: Side
    files: dict[FileName, NewFile]
    entries: dict[str, Entry]

    @model_validator(mode="after")
    def _names_its_entries(self) -> DeltaManifest:
        named = [entry for file in self.files.values() for entry in file.entries]
        if sorted(named) != sorted(self.entries):
            raise ValueError("`entries` are not those that `files` name")
        return self

    @property
    def total(self) -> int:
        """The bytes of the new bundle."""
        return sum(file.bytes for file in self.files.values())

    def encoded(self) -> bytes:
        """Return the bytes that are signed: UTF-8, keys sorted."""
        return json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def read_delta_manifest(data: bytes, where: str) -> DeltaManifest:
    """Read `delta.json`.

    Raises:
        InputError: it is not one, or one of another format.

    """
    return DeltaManifest.read(of_kind(data, KIND, where, "a delta"), f"{where}: {DELTA}")
