"""A model's id: `name-version-quantization-digest`.

The digest is of the very bytes that ship, so no other model can claim it.
"""

from __future__ import annotations

import re

from pocketrag.errors import InputError

#: Hex digits of the model's SHA-256 in its id; 48 bits tell apart every model that anyone will build.
DIGITS = 12
#: A bundle's name and version: they become names of folders and files.
NAME, VERSION = r"^[a-z0-9][a-z0-9_-]{0,62}$", r"^[0-9]+(\.[0-9]+){0,2}([.-][A-Za-z0-9]+)*$"
#: Ids of other tools are taken too (hub ids with `/`): one word that survives a shell, a file and an SQL
#: string.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@:-]{0,199}")


def model_id_of(name: str, version: str, quantization: str, sha256: str) -> str:
    """Return the id of the model whose file has this SHA-256 (64 hex digits)."""
    return f"{name}-{version}-{quantization}-{sha256[:DIGITS]}"


def pack_name(name: str) -> str:
    """Return Play's name of the pack of a bundle, or of what lies beside it.

    A letter, then letters, digits and underscores: AGP takes it from the folder.
    """
    return "rag_" + name.replace("-", "_")


def check_model_id(text: str) -> str:
    """Return `text` if it can be a model's id.

    Raises:
        InputError: it is empty, longer than 200 characters, or holds another character than letters, digits
            and `._+/@:-`.

    """
    if not _WORD.fullmatch(text):
        raise InputError(
            f"model id {text[:80]!r}: must be one word of 1 to 200 letters, digits and ._+/@:- that begins "
            "with a letter or digit."
        )
    return text
