"""A channel's next index: one version more, or another share of one; the deltas first, the index last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.updates import DeltaFacts
from pocketrag.formats.update.channel_index import (
    INDEX,
    KIND,
    Channel,
    ChannelDelta,
    ChannelVersion,
    write_channel,
)
from pocketrag.formats.update.signature import public_of
from pocketrag.formats.update.signed_json import FORMAT
from pocketrag.formats.update.version_order import is_newer

from .channel_folder import ChannelFolder
from .publish_delta import delta_name, publish_delta
from .whole_bundle import WholeBundle, whole_bundle
from .write_delta import refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Changed:
    """A channel after a command, and what that wrote."""

    channel: Channel
    upload: Sequence[str] = ()
    """Files in the order in which they go to the host; none where nothing changed."""
    without: dict[str, str] = field(default_factory=dict)
    """Earlier version -> why there is no delta from it."""


def add_version(
    place: ChannelFolder, bundle: str, private: Ed25519PrivateKey, keep: int, share: float | None
) -> Changed:
    """Add a bundle, with deltas from the last `keep` versions; `share` is None for every app.

    Raises:
        InputError: it does not fit the channel, or the channel is damaged, of another key, or being changed.

    """
    new, public = whole_bundle(bundle), public_of(private)
    place.read(public)  # before anything is made, the lock included
    with place.locked():
        before = place.read(public)
        if before and (known := _known(before, new)):
            _check_share(known, share)
            return Changed(before)
        earlier, without = place.earlier(before, keep) if before else ([], {})
        reasons = {old.manifest.version: refusal(old, new) for old in earlier}
        without |= {version: reason for version, reason in reasons.items() if reason}
        fitting = [old for old in earlier if not reasons[old.manifest.version]]
        deltas = _deltas(place, before, fitting, new, private)
        version = _version(new, 1.0 if share is None else share, deltas)
        after = _with(before, version, new.manifest.name)
        place.keep(new)
        _write(place, after, private)
        place.forget(keep)
    return Changed(after, (*(delta.file for delta in deltas), INDEX), without)


def share_version(place: ChannelFolder, version: str, private: Ed25519PrivateKey, share: float) -> Changed:
    """Let another share of the apps take a version.

    Raises:
        InputError: there is no such version, or the channel is damaged, of another key, or being changed.

    """
    public = public_of(private)
    there(place, public)
    with place.locked():
        before = there(place, public)
        listed = [known.version for known in before.versions]
        if version not in listed:
            raise InputError(f"{place.index}: has no version {version}, only {', '.join(listed)}.")
        changed = {"share": share}
        versions = tuple(
            known.model_copy(update=changed) if known.version == version else known
            for known in before.versions
        )
        if versions == before.versions:
            return Changed(before)
        after = before.model_copy(update={"versions": versions, "serial": before.serial + 1})
        _write(place, after, private)
    return Changed(after, (INDEX,))


def there(place: ChannelFolder, public: bytes | None) -> Channel:
    """Return a channel that must be there.

    Raises:
        InputError: it is not, or it is damaged or of another key.

    """
    if found := place.read(public):
        return found
    raise InputError(f"{place.folder}: no channel. Begin one with `pocketrag channel DIR add BUNDLE`.")


def _known(channel: Channel, new: WholeBundle) -> ChannelVersion | None:
    """Return the version that this very bundle is; None where it is the next one."""
    name, version = new.manifest.name, new.manifest.version
    if channel.name != name:
        raise InputError(f"{new.folder}: a bundle of {name!r}, and the channel is of {channel.name!r}.")
    for known in channel.versions:
        if known.version == version and known.manifest_sha256 == new.side.manifest_sha256:
            status(f"{version} is there already")
            return known
        if known.version == version:
            raise InputError(
                f"{new.folder}: version {version} is in the channel with other bytes. Raise `version`, build."
            )
    if channel.versions and not is_newer(version, newest := channel.versions[-1].version):
        raise InputError(f"{new.folder}: version {version} is no newer than the channel's {newest}.")
    return None


def _check_share(known: ChannelVersion, share: float | None) -> None:
    if share not in (None, known.share):
        raise InputError(
            f"--share {share}: {known.version} is there already with {known.share}. "
            f"Change that with `channel DIR share {known.version} {share}`."
        )


def _deltas(
    place: ChannelFolder,
    channel: Channel | None,
    olds: Sequence[WholeBundle],
    new: WholeBundle,
    private: Ed25519PrivateKey,
) -> list[ChannelDelta]:
    taken = {delta.file for known in (channel.versions if channel else ()) for delta in known.deltas}
    # `1.0` to `2-3` and `1.0-2` to `3` would be one name.
    if both := taken & {delta_name(old, new) for old in olds}:
        raise InputError(
            f"{both.pop()}: is the name of another delta of this channel. Choose another `version`."
        )
    return [
        _delta(old, publish_delta(old, new, private, place.folder / delta_name(old, new))) for old in olds
    ]


def _delta(old: WholeBundle, made: DeltaFacts) -> ChannelDelta:
    return ChannelDelta(
        from_version=old.manifest.version,
        from_manifest_sha256=old.side.manifest_sha256,
        file=Path(made.delta).name,
        bytes=made.bytes,
        sha256=made.sha256,
    )


def _version(new: WholeBundle, share: float, deltas: Sequence[ChannelDelta]) -> ChannelVersion:
    return ChannelVersion(
        version=new.manifest.version,
        model_id=new.manifest.model_id,
        contract=new.manifest.contract,
        manifest_sha256=new.side.manifest_sha256,
        bytes=new.bytes,
        share=share,
        deltas=tuple(deltas),
    )


def _with(before: Channel | None, version: ChannelVersion, name: str) -> Channel:
    serial, versions = (before.serial, before.versions) if before else (0, ())
    return Channel(kind=KIND, format=FORMAT, name=name, serial=serial + 1, versions=(*versions, version))


def _write(place: ChannelFolder, channel: Channel, private: Ed25519PrivateKey) -> None:
    place.folder.mkdir(parents=True, exist_ok=True)
    files.write_atomic(place.index, write_channel(channel, private, str(place.index)))
