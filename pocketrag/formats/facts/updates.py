"""`pocketrag key`, `delta` and `apply`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Amount, Count, Facts, Sha256

#: How a file of the new bundle is come by: it is one of the old bundle, a patch of one, or carried whole.
How = Literal["same", "patch", "whole"]
#: From nobody to everyone.
Share = Annotated[float, Field(ge=0, le=1)]


class KeyFacts(Facts):
    """A key that signs updates."""

    file: str
    """The private key; whoever has it can update every app."""
    public: str
    """The public key in base64, for the app."""
    id: str
    """The first 16 hex digits of the public key's SHA-256."""
    encrypted: bool
    """With a passphrase."""


class DeltaFile(Facts):
    """What a delta carries of one file of the new bundle."""

    file: str
    how: How
    """`same`: the old bundle has it; `patch`: differences to an old file; `whole`."""
    from_: str | None
    """The old bundle's file; null where it is carried whole."""
    bytes: Count
    carried_bytes: Count
    """In the delta, packed."""


class DeltaFacts(Facts):
    """A delta: one file that makes the new bundle of the old one, byte for byte."""

    delta: str
    """The file."""
    name: str
    version: str
    before: str
    """The version that it is for."""
    model_id: str
    model_id_before: str
    key: str | None
    """The id of the key that signed it; null where nobody did, and no app takes it."""
    rollback: bool
    """It leads to an earlier version, which apps take only where they ask for it."""
    bytes: Count
    sha256: Sha256
    bytes_whole: Count
    """Of the whole new bundle."""
    bytes_database: Count
    """Of the new bundle's database."""
    of_bundle: Amount
    """The delta's bytes by those of the new bundle."""
    of_database: Amount
    """The same by those of the database."""
    files: tuple[DeltaFile, ...]
    proved: str
    """What was compared before the file got its name."""


class ApplyFacts(Facts):
    """A bundle that was made of an earlier one and a delta."""

    bundle: str
    """The folder."""
    name: str
    version: str
    before: str
    model_id: str
    key: str
    """The id of the key that signed the delta."""
    rollback: bool
    """It is an earlier version."""
    files: Count
    bytes: Count
