"""A channel as facts, with the way that an app of one version goes."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.channel import ChannelDeltaFacts, ChannelFacts, ChannelVersionFacts, WayFacts
from pocketrag.formats.update.channel_choice import cheapest_chain, choose_version
from pocketrag.formats.update.channel_index import INDEX, Channel

from .change_channel import Changed
from .channel_folder import ChannelFolder


def channel_facts(
    place: ChannelFolder,
    done: Changed,
    signature: str,
    installed: str | None = None,
    app: str | None = None,
) -> ChannelFacts:
    """Return what there is to say of a channel; with `installed`, also what an app with that version fetches.

    Raises:
        InputError: the channel has no such version.

    """
    found = done.channel
    key = str(files.read_json(place.index)["key"])
    way = {"way": _way(found, installed, app)} if installed else {}
    return ChannelFacts(
        channel=str(place.folder),
        kept=str(place.kept),
        name=found.name,
        serial=found.serial,
        key=key,
        signature=signature,
        changed=INDEX in done.upload,
        upload=tuple(done.upload),
        versions=tuple(
            ChannelVersionFacts(version=one.version, model_id=one.model_id, bytes=one.bytes, share=one.share)
            for one in found.versions
        ),
        deltas=tuple(_deltas(found)),
        without=done.without,
        **way,
    )


def _deltas(channel: Channel) -> list[ChannelDeltaFacts]:
    return [
        ChannelDeltaFacts(
            from_version=delta.from_version,
            to_version=version.version,
            file=delta.file,
            bytes=delta.bytes,
            of_bundle=min(1.0, round(delta.bytes / max(version.bytes, 1), 6)),
        )
        for version in channel.versions
        for delta in version.deltas
    ]


def _way(channel: Channel, installed: str, app: str | None) -> WayFacts:
    digests = {version.version: version.manifest_sha256 for version in channel.versions}
    if installed not in digests:
        raise InputError(
            f"{channel.name}: the channel has no version {installed}, only {', '.join(digests)}."
        )
    wanted = choose_version(channel, installed, app)
    if wanted is None:
        return WayFacts(from_version=installed, to_version=None, files=(), bytes=0)
    chain = cheapest_chain(channel, digests[installed], wanted.manifest_sha256)
    return WayFacts(
        from_version=installed,
        to_version=wanted.version,
        files=None if chain is None else tuple(delta.file for delta in chain),
        bytes=wanted.bytes if chain is None else sum(delta.bytes for delta in chain),
    )
