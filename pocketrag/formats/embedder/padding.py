"""The id that a text's tokens are padded with: the tokenizer's, which no text yields, and the mask hides.

Not always 0, and not always what `config.json` says: multilingual-e5-small is a BERT whose configuration
names 0, and whose tokenizer is XLM-RoBERTa's, of which 0 begins every text and 1 is the padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pocketrag.errors import InputError

from .. import files
from .embedder_folder import Embedder
from .families import CAPABILITIES

#: Where a folder names its padding token, in the order in which they are asked.
NAMING = ("tokenizer_config.json", "special_tokens_map.json")


def padding_of(embedder: Embedder) -> int:
    """Return the id that texts are right-padded with.

    Raises:
        InputError: neither the tokenizer nor the configuration names one, or the tokenizer lacks it.

    """
    name = _name(embedder)
    if name is None:
        stated = embedder.config.get("pad_token_id")
        if not isinstance(stated, int):
            raise InputError(
                f"{embedder.folder / NAMING[0]}: names no pad_token, and config.json no pad_token_id. Set "
                "`pad_token` to a token that no text yields."
            )
        return stated
    found = _id(embedder, name)
    if found is None:
        raise InputError(
            f"{embedder.folder / 'tokenizer.json'}: lacks the padding token {name!r} that "
            f"{NAMING[0]} names. Take both files from the same model."
        )
    return found


def padding_faults(embedder: Embedder) -> Iterator[str]:
    """Yield why a known family's padding can't be what its folder says."""
    try:
        found = padding_of(embedder)
    except InputError as error:
        yield str(error)
        return
    stated, file = embedder.config.get("pad_token_id"), embedder.folder / "config.json"
    if CAPABILITIES[embedder.family].behind_padding and found != stated:
        yield (
            f"{file}: pad_token_id = {stated!r}, and the tokenizer pads with {found}: the positions of "
            f"{embedder.family} are counted from it. Take both files from the same model."
        )


def _name(embedder: Embedder) -> str | None:
    for name in NAMING:
        file = embedder.folder / name
        token = files.read_json(file).get("pad_token") if file.is_file() else None
        if token := (token.get("content") if isinstance(token, dict) else token):
            return str(token)
    return None


def _id(embedder: Embedder, name: str) -> int | None:
    whole: dict[str, Any] = files.read_json(embedder.folder / "tokenizer.json")
    for token in whole.get("added_tokens") or ():
        if token.get("content") == name:
            return int(token["id"])
    known = (whole.get("model") or {}).get("vocab") or {}
    if isinstance(known, dict):
        return known.get(name)
    # Unigram: a list of [piece, score], whose place is the id.
    return next((id_ for id_, row in enumerate(known) if row[0] == name), None)
