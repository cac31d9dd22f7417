"""Which of two versions of a bundle is newer; the Kotlin runtime decides alike."""

from __future__ import annotations

import re

#: Endings of a version that comes before the one without them (PEP 440's names of pre-releases).
CANDIDATES = frozenset({"a", "alpha", "b", "beta", "c", "dev", "pre", "preview", "rc"})

Order = tuple[tuple[int, ...], int, list[tuple[bool, int, str]]]


def is_newer(new: str, old: str) -> bool:
    """Compare the numbers, then the endings: `1.1-rc1` comes before `1.1`, and `1.1-qlora` after it."""
    return version_order(new) > version_order(old)


def version_order(version: str) -> Order:
    """Return what versions are sorted by; `1.0` and `1.0.0` are one."""
    numbers, ending = re.match(r"([0-9.]*[0-9])?(.*)", version, re.DOTALL).groups()  # type: ignore[union-attr]
    counted = [int(part or 0) for part in (numbers or "0").split(".")]
    words = re.findall(r"[0-9]+|[a-z]+", ending.lower())
    rank = 1 if not words else 0 if words[0] in CANDIDATES else 2
    parts = [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]
    return (*counted, *[0] * (3 - len(counted))), rank, parts
