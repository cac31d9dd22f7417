"""`pocketrag channel`."""

from __future__ import annotations

from .base import Count, Facts
from .updates import Share


class ChannelDeltaFacts(Facts):
    """A delta of a channel."""

    from_version: str
    to_version: str
    file: str
    bytes: Count
    of_bundle: Share
    """Its bytes by those of the whole bundle, at most 1."""


class ChannelVersionFacts(Facts):
    """A version of a channel."""

    version: str
    model_id: str
    bytes: Count
    """Of the whole bundle."""
    share: Share
    """Of the apps that are to take it."""


class WayFacts(Facts):
    """What an app with one of the versions fetches."""

    from_version: str
    to_version: str | None
    """Null where there is none newer for it."""
    files: tuple[str, ...] | None
    """Applied one after another; null where it needs the whole bundle."""
    bytes: Count


class ChannelFacts(Facts):
    """A channel after a command."""

    channel: str
    """The folder that goes to the host."""
    kept: str
    """The folder with the bundles that further deltas are made from; it stays here."""
    name: str
    serial: Count
    key: str
    """The id of the key that signed the index."""
    signature: str
    """Whether it was checked."""
    changed: bool
    """The command wrote another index."""
    upload: tuple[str, ...]
    """The files that this command wrote, in the order in which they go to the host."""
    versions: tuple[ChannelVersionFacts, ...]
    deltas: tuple[ChannelDeltaFacts, ...]
    without: dict[str, str]
    """Earlier version -> why this command made no delta from it."""
    way: WayFacts | None = None
    """Only where a version was asked about."""
