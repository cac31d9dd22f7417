"""`channel.json`: the versions of a channel, how many apps are to take each, the deltas between them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, model_validator

from pocketrag.errors import InputError

from ..facts.base import Count, Facts, Sha256
from ..facts.updates import Share
from ..identity import NAME, VERSION
from .delta_manifest import FileName
from .signature import is_signed, key_id, public_of
from .signed_json import decoded, json_object, of_kind
from .version_order import is_newer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND: Final = "pocketrag-channel"
WHAT = "the index of a channel"
#: The index of a channel, in its folder.
INDEX = "channel.json"
#: Bytes of the index at most: hundreds of versions.
MOST = 1 << 20

Version = Annotated[str, Field(pattern=VERSION)]


class ChannelDelta(Facts):
    """A delta to a version of the channel."""

    from_version: Version
    from_manifest_sha256: Sha256
    file: FileName
    """In the channel's folder."""
    bytes: Count
    sha256: Sha256


class ChannelVersion(Facts):
    """A version of the bundle."""

    version: Version
    model_id: str
    contract: int
    manifest_sha256: Sha256
    bytes: Count
    """Of the whole bundle."""
    share: Share
    """Of the apps that are to take it."""
    deltas: tuple[ChannelDelta, ...]


class Channel(Facts):
    """What is signed of `channel.json`."""

    kind: Literal["pocketrag-channel"]
    format: Literal[1]
    name: Annotated[str, Field(pattern=NAME)]
    serial: Annotated[int, Field(ge=1, le=10**15)]
    """Grows by one with each change; an app refuses one lower than the last that it saw."""
    versions: tuple[ChannelVersion, ...]
    """Ascending."""

    @model_validator(mode="after")
    def _ascends(self) -> Channel:
        for before, after in zip(self.versions, self.versions[1:], strict=False):
            if not is_newer(after.version, before.version):
                raise ValueError(f"version {after.version} stands behind {before.version}")
        named = [delta.file for version in self.versions for delta in version.deltas]
        if twice := [name for name in named if named.count(name) > 1]:
            raise ValueError(f"{twice[0]} is named twice")
        return self


def write_channel(channel: Channel, private: Ed25519PrivateKey, where: str) -> str:
    """Return the text of `channel.json`: the payload as text, its signature and the key's id.

    Raises:
        InputError: it is larger than apps take.

    """
    payload = json.dumps(channel.as_json(), sort_keys=True, ensure_ascii=False, allow_nan=False)
    signature = base64.b64encode(private.sign(payload.encode())).decode()
    whole = {"payload": payload, "signature": signature, "key": key_id(public_of(private))}
    text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    if len(text.encode()) > MOST:
        raise InputError(
            f"{where}: would be larger than the {MOST:,} bytes that apps take. Give a lower --keep."
        )
    return text


def read_channel(file: Path, public: bytes | None) -> Channel:
    """Read `channel.json`, signed by the owner of `public`; with None its signature is not checked.

    Raises:
        InputError: it is damaged, or signed by another key.

    """
    with file.open("rb") as stream:
        data = stream.read(MOST + 1)
    whole = json_object(data) or {}
    payload, signature, key = (whole.get(name) for name in ("payload", "signature", "key"))
    if len(data) > MOST or not all(isinstance(text, str) for text in (payload, signature, key)):
        raise InputError(f"{file}: not {WHAT}, or damaged.")
    if public is not None and key != key_id(public):
        raise InputError(f"{file}: signed by another key, {str(key)[:16]} in place of {key_id(public)}.")
    if public is not None and not is_signed(public, decoded(str(signature)), str(payload).encode()):
        raise InputError(f"{file}: damaged, or changed by somebody else: its signature does not fit.")
    return Channel.read(of_kind(str(payload).encode(), KIND, str(file), WHAT), str(file))
