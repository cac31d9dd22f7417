"""`NAME.tiers.json` beside a bundle: read strictly, made of the generator there, and chosen from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from pocketrag.errors import InputError

from .. import files
from ..facts.tiers import CONTRACT, OfferFacts, Tier, TierFile, TierPack
from ..identity import pack_name
from . import FILES, SUFFIX, SUMS

#: Beside a bundle, `android_assets/NAME`, and its generator, `android_assets/NAME.generator`.
TIERS = ".tiers.json"
MEGABYTE = 10**6
AGAIN = "write it again (`pocketrag tiers RECIPE`)"


def tiers_beside(bundle: Path) -> Path:
    """Return where the tiers of a bundle lie, if it has some."""
    return files.beside(bundle, TIERS)


def read_tiers(file: Path, sha256: str | None = None) -> OfferFacts:
    """Read the tiers of a bundle.

    Args:
        file: `NAME.tiers.json`.
        sha256: what its digest must be; None where nobody has said.

    Raises:
        InputError: it is missing, of another digest or contract, or not to the letter what is written there.

    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.") from None
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(f"{file}: not the file that was written (its SHA-256 differs); {AGAIN}.")
    found = files.read_json(file)
    if isinstance(found, dict) and found.get("contract") not in (None, CONTRACT):
        raise InputError(f"{file}: contract {found['contract']}; this pocketrag reads {CONTRACT}. {AGAIN}.")
    try:
        return OfferFacts.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(f"{file}: `{key}`: {first['msg']}; {AGAIN}.") from None


def pack_of(name: str, folder: Path) -> TierPack:
    """Return what a phone downloads of a published generator.

    Args:
        name: the bundle's.
        folder: `NAME.generator`.

    Raises:
        InputError: a file is missing, or another than `SHA256SUMS` says.

    """
    try:
        listed = files.read_sums(folder)
    except InputError as error:
        raise InputError(f"{folder}: {error}. Pack the generator again (`pocketrag pack`).") from None
    found = {file: _entry(folder / file) for file in (*FILES, SUMS)}
    if wrong := [file for file in FILES if listed.get(file) != found[file].sha256]:
        raise InputError(
            f"{folder / wrong[0]}: not the file that was packed. Pack the generator again (`pocketrag pack`)."
        )
    size = sum(entry.bytes for entry in found.values())
    return TierPack(
        name=pack_name(f"{name}_generator"),
        folder=name + SUFFIX,
        bytes=size,
        files=dict(sorted(found.items())),
    )


def shipped_generator(offer: OfferFacts) -> Tier | None:
    """Return the tier whose generator is delivered; None where none ships."""
    return next((tier for tier in offer.tiers if tier.pack is not None and tier.ships), None)


def choose(offer: OfferFacts, total_bytes: int, folders: Collection[str], *, server: bool = False) -> Tier:
    """Return the best tier that a phone can have; the Kotlin library chooses by the same rule.

    Args:
        offer: the tiers.
        total_bytes: of the phone's memory, as Android reports it.
        folders: of the packs that are installed.
        server: whether the app may ask a server.

    """
    fit = [
        tier
        for tier in offer.tiers
        if tier.ships
        and total_bytes >= tier.memory_megabytes * MEGABYTE
        and (tier.pack is None or tier.pack.folder in folders)
        and (tier.server is None or server)
    ]
    return fit[-1]


def _entry(file: Path) -> TierFile:
    if not file.is_file():
        raise InputError(f"{file}: missing. Pack the generator again (`pocketrag pack`).")
    return TierFile(bytes=file.stat().st_size, sha256=files.sha256(file))
