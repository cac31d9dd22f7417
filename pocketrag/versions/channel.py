"""`pocketrag channel`: a folder for any static host, where apps find the next version and the way to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.errors import InputError
from pocketrag.formats.facts.channel import ChannelFacts
from pocketrag.formats.update.signature import read_private, read_public

from .updates.change_channel import Changed, add_version, share_version, there
from .updates.channel_facts import channel_facts
from .updates.channel_folder import ChannelFolder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: What can be done to a channel.
ADD, SHARE, SHOW = "add", "share", "show"
ACTIONS = (ADD, SHARE, SHOW)


def channel(
    folder: str,
    action: str,
    subject: str | None = None,
    to: str | None = None,
    *,
    key: str | None = None,
    public: str | None = None,
    keep: int = 5,
    share: str | None = None,
    app: str | None = None,
) -> ChannelFacts:
    """Add a bundle to a channel, change how many apps take a version, or show what there is.

    Args:
        folder: what goes to the host; `add` makes it. The bundles stay beside it in `FOLDER.bundles/`.
        action: one of `ACTIONS`.
        subject: of `add` the bundle; of `share` the version; of `show` the version that an app has, if any.
        to: of `share` the new share, from 0 to 1.
        key: the file of the private key, for `add` and `share`.
        public: the public key, with which `show` checks the signature.
        keep: `add` makes deltas from the last so many versions.
        share: of `add`: of the apps that are to take it, from 0 to 1 (default: 1).
        app: of `show`: what an app with this id takes.

    Raises:
        InputError: the index is damaged or of another key; the bundle is another one, no newer, or there with
            other bytes; another command is at work; or something is missing. The channel stays as it was.

    """
    if action not in ACTIONS:
        raise InputError(f"{action!r}: name one of {', '.join(ACTIONS)}.")
    place = ChannelFolder(folder)
    if action == SHOW:
        trusted = read_public(public) if public else None
        done, signature = Changed(there(place, trusted)), "fits the key" if public else "not checked"
        place.check_files(done.channel)
        return channel_facts(place, done, signature, subject, app)
    private = _private(key)
    if not subject or (action == SHARE) != (to is not None):
        raise InputError(
            f"{action}: as in `channel {folder} add BUNDLE` or `channel {folder} share 1.1.0 .5`."
        )
    if action == ADD:
        done = add_version(place, subject, private, keep, _number(share, "--share") if share else None)
    else:
        done = share_version(place, subject, private, _number(str(to), "share"))
    return channel_facts(place, done, "fits the key")


def _private(key: str | None) -> Ed25519PrivateKey:
    if not key:
        raise InputError("--key FILE: the index is signed anew, so name the private key.")
    return read_private(Path(key))


def _number(text: str, name: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError(f"{name} {text}: not a number from 0 to 1.")
    return share
