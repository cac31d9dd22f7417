"""`pocketrag key`: make the key that signs updates, or show its public half again."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.facts.updates import KeyFacts
from pocketrag.formats.update.signature import key_id, public_of, public_text, read_private, write_private


def key(file: str, *, show: bool = False) -> KeyFacts:
    """Make an Ed25519 key in a new file, PEM PKCS8, mode 0600; with `show`, read one that is there.

    The environment variable POCKETRAG_KEY_PASSPHRASE encrypts it, and opens it later.

    Raises:
        InputError: the file exists; with `show`, it does not, or is not such a key, or its passphrase is
            missing.

    """
    path = Path(file)
    if not show and not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder. Make it, and let nobody else read it.")
    public = public_of(read_private(path)) if show else write_private(path)
    encrypted = b"ENCRYPTED" in path.read_bytes()
    return KeyFacts(file=file, public=public_text(public), id=key_id(public), encrypted=encrypted)
