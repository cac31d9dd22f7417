"""Tiers: bundles of one corpus for several classes of phones, which Play tells apart by their RAM."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pocketrag.errors import InputError
from pocketrag.formats.content_digest import content_digest
from pocketrag.formats.facts.tiers import Tier
from pocketrag.formats.layout import DATABASE
from pocketrag.runtime.database import Database, sqlite_errors

from .assets import Carried, carried
from .compiled import Compiled
from .device_groups import OTHER, Groups, by_ram, by_soc

#: A group's name says its condition: `ram8` is every phone with 8 GB (10^9 bytes, as Play counts) or more, up
#: to the next group.
GROUP = re.compile(r"ram([1-9][0-9]?)")
#: The group of phones that get the generator; all others get its pack without anything in it.
GENERATOR = "generator"
GIGABYTE, MEGABYTE = 10**9, 10**6
#: What is the same in every tier. Not the vectors: each bundle's may be of another model.
PASSAGES = "SELECT id, title, text, source, page, parent, metadata FROM chunks ORDER BY id"


def tiers(given: list[str], main: Carried) -> dict[str, Carried]:
    """Return the bundles of `GROUP=BUNDLE` rows by rising RAM.

    Raises:
        InputError: a group makes no sense or comes twice, or a bundle is damaged, of another contract than
            the main one, or of other passages.

    """
    found: dict[str, Carried] = {}
    for row in given:
        group, sign, bundle = row.partition("=")
        if not sign or not GROUP.fullmatch(group) or not bundle:
            raise InputError(
                f"--tier {row}: write GROUP=BUNDLE, with a group like ram8: phones with 8 GB or more."
            )
        if group in found:
            raise InputError(f"--tier {row}: {group} is given twice.")
        found[group] = carried(bundle)
        _alike(main, found[group], row)
    return dict(sorted(found.items(), key=lambda item: _gigabytes(item[0])))


def _alike(main: Carried, tier: Carried, row: str) -> None:
    """Hold a tier to the main bundle: an app opens either by one name, and must find the same passages."""
    ours, theirs = main.manifest.contract, tier.manifest.contract
    if ours != theirs:
        raise InputError(
            f"--tier {row}: is of contract version {theirs}, {main.folder} of {ours}. Build both with one "
            "pocketrag."
        )
    if _passages(tier) != _passages(main):
        raise InputError(
            f"--tier {row}: holds {tier.manifest.counts.passages} passages that are not the "
            f"{main.manifest.counts.passages} of {main.folder}. A tier is another encoder over the same "
            "corpus: build both from the same `data.corpus`."
        )


def _passages(bundle: Carried) -> str:
    """Return the SHA-256 of all passages, whatever embeds them."""
    database = Database(bundle.folder / DATABASE)
    try:
        with sqlite_errors(database.file):
            return content_digest(database.connection.execute(PASSAGES))
    finally:
        database.close()


def _gigabytes(group: str) -> int:
    return int(group.removeprefix("ram"))


def groups(by_group: Mapping[str, Carried], tier: Tier | None, npu: Compiled | None) -> Groups:
    """Return the device groups, in the order in which phones are held to them; none where all get the same.

    Args:
        by_group: the bundles of `tiers`, by rising RAM.
        tier: whose generator is delivered. Beside other groups it is left to the app, which asks for it: all
            packs of an app must know the same groups, and each would hold the generator again.
        npu: the NPU files, which are never beside bundles of several groups.

    """
    if npu:
        return by_soc(npu.socs)
    if by_group:
        return by_ram({group: _gigabytes(group) * GIGABYTE for group in by_group})
    return by_ram({GENERATOR: tier.memory_megabytes * MEGABYTE}) if tier else {}


def folders(name: str, main: Carried, by_group: Mapping[str, Carried]) -> dict[str, Carried]:
    """Return the folder of each bundle: one name, which Play's suffixes tell apart until it strips them."""
    if not by_group:
        return {name: main}
    return {f"{name}#group_{group}": row for group, row in {**by_group, OTHER: main}.items()}
