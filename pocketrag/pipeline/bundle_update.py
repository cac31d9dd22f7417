"""A model-only update: the files of a new bundle that an app with an earlier one of the same corpus lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest

#: Endings of a version that comes before the one without them (PEP 440's names of pre-releases).
CANDIDATES = frozenset({"a", "alpha", "b", "beta", "c", "dev", "pre", "preview", "rc"})


def refusal(old: Manifest, new: Manifest) -> str | None:
    """Return why an app with the bundle `old` can't be given the model of `new` alone; None where it can."""
    return next(_reasons(old, new), None)


def carried(old: Manifest, new: Manifest) -> list[str]:
    """Return the files that an update must carry: those of `new` whose bytes no file of `old` has."""
    there = {file.sha256 for file in old.files.values()}
    return [name for name, file in new.files.items() if file.sha256 not in there]


def _reasons(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.name != new.name:
        yield f"another bundle, {new.name!r} in place of {old.name!r}"
    if old.contract != new.contract:
        yield f"another contract, {new.contract} in place of {old.contract}: this needs the whole bundle"
    if old.files.get(DATABASE) != new.files.get(DATABASE):
        yield f"another corpus, its {DATABASE} differs: this needs the whole bundle"
    if not carried(old, new):
        yield "nothing differs"
    if not _newer(new.version, old.version):
        yield f"version {new.version} is no newer than {old.version}: raise `version` in the recipe and build"


def _newer(new: str, old: str) -> bool:
    """Compare the numbers, then the endings: `1.1-rc1` comes before `1.1`, and `1.1-qlora` after it."""
    return _order(new) > _order(old)


def _order(version: str) -> tuple[tuple[int, ...], int, list[tuple[bool, int, str]]]:
    numbers, ending = re.match(r"([0-9.]*[0-9])?(.*)", version, re.DOTALL).groups()  # type: ignore[union-attr]
    counted = [int(part) for part in (numbers or "0").split(".")]
    words = re.findall(r"[0-9]+|[a-z]+", ending.lower())
    rank = 1 if not words else 0 if words[0] in CANDIDATES else 2
    parts = [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]
    return (*counted, *[0] * (3 - len(counted))), rank, parts
