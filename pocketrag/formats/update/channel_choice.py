"""What an app takes from a channel: which version, over which deltas. The Kotlin runtime chooses alike."""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Sequence

from ..manifest import READ
from .channel_index import Channel, ChannelDelta, ChannelVersion
from .version_order import is_newer

#: Bytes of the digest that place an app between 0 and 1.
PLACE = 8


def in_share(name: str, version: str, app: str, share: float) -> bool:
    """Say whether an app with this id is among the share of apps that are to take a version of a bundle."""
    if share >= 1:
        return True
    digest = hashlib.sha256(f"{name}/{version}/{app}".encode()).digest()
    return math.ldexp(int.from_bytes(digest[:PLACE], "big"), -8 * PLACE) < share


def choose_version(channel: Channel, installed: str, app: str | None) -> ChannelVersion | None:
    """Return the newest version for an app that has `installed`; None where there is none newer.

    Args:
        channel: the channel.
        installed: the version that the app has.
        app: the app's id; None for one that takes every version.

    """
    return next(
        (
            version
            for version in reversed(channel.versions)
            if is_newer(version.version, installed)
            and version.contract in READ
            and (app is None or in_share(channel.name, version.version, app, version.share))
        ),
        None,
    )


def cheapest_chain(channel: Channel, installed: str, wanted: str) -> Sequence[ChannelDelta] | None:
    """Return the deltas with the fewest bytes from one manifest's SHA-256 to another's; at a tie the fewest.

    None where no deltas lead there: the app needs the whole bundle.
    """
    steps: dict[str, list[tuple[str, ChannelDelta]]] = {}
    for version in channel.versions:
        for delta in version.deltas:
            steps.setdefault(delta.from_manifest_sha256, []).append((version.manifest_sha256, delta))
    # The digest stands third so that equal ways are settled without comparing deltas.
    queue: list[tuple[int, int, str, tuple[ChannelDelta, ...]]] = [(0, 0, installed, ())]
    seen: set[str] = set()
    while queue:
        total, count, here, chain = heapq.heappop(queue)
        if here == wanted:
            return chain
        if here in seen:
            continue
        seen.add(here)
        for there, delta in steps.get(here, ()):
            if there not in seen:
                heapq.heappush(queue, (total + delta.bytes, count + 1, there, (*chain, delta)))
    return None
