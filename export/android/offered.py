"""What the tiers beside a bundle deliver: their file, and the generator that they let ship."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.facts.tiers import OfferFacts, Tier, TierPack
from pocketrag.formats.generator import beside
from pocketrag.formats.generator.answer_tiers import pack_of, read_tiers, shipped_generator, tiers_beside

from .assets import Carried


@dataclass(frozen=True)
class Offered:
    """The tiers of a bundle, read and held to what lies beside it."""

    data: bytes
    """Of the file, as it was read."""
    offer: OfferFacts
    generator: Path
    """The folder of the generator; it need not be there where none ships."""

    @property
    def tier(self) -> Tier | None:
        """The tier whose generator is delivered."""
        return shipped_generator(self.offer)

    @property
    def pack(self) -> TierPack | None:
        """What a phone downloads for it."""
        return self.tier.pack if self.tier else None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the tiers that ship."""
        return tuple(tier.name for tier in self.offer.tiers if tier.ships)


def offered(bundle: Carried) -> Offered | None:
    """Return the tiers beside a bundle; None where there are none, and then no generator is delivered.

    Raises:
        InputError: they are damaged, of another bundle or version, or the generator that ships is not there
            or another one.

    """
    file, generator = tiers_beside(bundle.folder), beside(bundle.folder)
    if not file.is_file():
        if generator.is_dir():
            status(f"{generator}: not delivered, since there is no {file.name} (`pocketrag tiers RECIPE`)")
        return None
    offer, data = read_tiers(file), file.read_bytes()
    wanted = (bundle.manifest.name, bundle.manifest.version)
    if (offer.name, offer.version) != wanted:
        raise InputError(
            f"{file}: is of {offer.name} {offer.version}, the bundle is {' '.join(wanted)}; write it again "
            "(`pocketrag tiers RECIPE`)."
        )
    found = Offered(data, offer, generator)
    if found.pack and pack_of(offer.name, generator) != found.pack:
        raise InputError(
            f"{generator}: not the generator that {file.name} lets ship; run `pocketrag exam` and "
            "`pocketrag tiers` again."
        )
    return found
