"""Ed25519 (RFC 8032): keys as PEM files, public keys as text, signatures of bytes."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.errors import InputError

from .signed_json import decoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: The variable that holds the passphrase of a private key; nothing is encrypted without it.
PASSPHRASE = "POCKETRAG_KEY_PASSPHRASE"  # noqa: S105 - its name, not its value
#: Bytes of a public key and of a signature.
PUBLIC, SIGNATURE = 32, 64
#: Hex digits of a key's id.
ID_DIGITS = 16


def key_id(public: bytes) -> str:
    """Return the id of a raw public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:ID_DIGITS]


def public_text(public: bytes) -> str:
    """Return a raw public key as base64, as apps hold it."""
    return base64.b64encode(public).decode()


def read_public(given: str) -> bytes:
    """Return the raw public key that a text says in base64, or the file of that name.

    Raises:
        InputError: it is neither.

    """
    file = Path(given)
    text = file.read_text("utf-8", "replace").strip() if len(given) < 256 and file.is_file() else given
    public = decoded(text)
    if len(public) != PUBLIC:
        raise InputError(
            f"--public {given}: not a public key, which is 44 letters as `pocketrag key` prints them, or a "
            "file with these."
        )
    return public


def write_private(file: Path) -> bytes:
    """Write a new private key, PEM PKCS8, mode 0600, and return its raw public key.

    Encrypted with the passphrase of the environment variable `PASSPHRASE`, where there is one.

    Raises:
        InputError: something has that name already.

    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    secret = _passphrase()
    private = Ed25519PrivateKey.generate()
    how = BestAvailableEncryption(secret) if secret else NoEncryption()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{file}: exists, and a key is never overwritten. Name another file.") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(pem)
    return public_of(private)


def read_private(file: Path) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        InputError: there is none, it is of another kind, or its passphrase is missing or wrong.

    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not file.is_file():
        raise InputError(f"{file}: no such key. Make one with `pocketrag key {file}`.")
    pem = file.read_bytes()
    secret = _passphrase() if b"ENCRYPTED" in pem else None
    if b"ENCRYPTED" in pem and not secret:
        raise InputError(f"{file}: has a passphrase; put it into the environment variable {PASSPHRASE}.")
    try:
        private = load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = f"the passphrase in {PASSPHRASE} is wrong, or it is damaged" if secret else "not a private key"
        raise InputError(f"{file}: {why}. Name a file that `pocketrag key` wrote.") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise InputError(f"{file}: a key of another kind; Ed25519 is needed, as `pocketrag key` makes it.")
    return private


def public_of(private: Ed25519PrivateKey) -> bytes:
    """Return the raw public key, 32 bytes."""
    return private.public_key().public_bytes_raw()


def is_signed(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Say whether the owner of a raw public key signed these very bytes."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _passphrase() -> bytes | None:
    return os.environ.get(PASSPHRASE, "").encode() or None
