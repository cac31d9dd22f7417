"""The id that a text's tokens are padded with: the tokenizer's, which no text yields, and the mask hides.

Not always 0, and not always what `config.json` says: multilingual-e5-small is a BERT whose configuration
names 0, and whose tokenizer is XLM-RoBERTa's, of which 0 begins every text and 1 is the padding. And not
always the tokenizer's own: Qwen3-Embedding pads with the token that also ends every text, whose state is the
vector. Hidden with the padding it would be lost, so texts are padded with another special token there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
        InputError: neither the tokenizer nor the configuration names one, the tokenizer lacks it, or puts it
            around texts and has no other special token.

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
    file = embedder.folder / "tokenizer.json"
    whole: dict[str, Any] = files.read_json(file)
    found = _id(whole, name)
    if found is None:
        raise InputError(
            f"{file}: lacks the padding token {name!r} that {NAMING[0]} names. Take both files from the same "
            "model."
        )
    around = _around(whole.get("post_processor"))
    return found if found not in around else _other(whole, file, name, around)


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


def _id(whole: dict[str, Any], name: str) -> int | None:
    for token in whole.get("added_tokens") or ():
        if token.get("content") == name:
            return int(token["id"])
    known = (whole.get("model") or {}).get("vocab") or {}
    if isinstance(known, dict):
        return known.get(name)
    # Unigram: a list of [piece, score], whose place is the id.
    return next((id_ for id_, row in enumerate(known) if row[0] == name), None)


def _other(whole: dict[str, Any], file: Path, name: str, around: set[int]) -> int:
    # The last one: those of a kind that texts are not made of (Qwen's tools, places in a file) come last.
    special = [int(token["id"]) for token in whole.get("added_tokens") or () if token.get("special")]
    left = [id_ for id_ in special if id_ not in around]
    if not left:
        raise InputError(
            f"{file}: puts its padding token {name!r} around every text, and has no other special token that "
            "texts can be padded with instead. Set another `pad_token`."
        )
    return max(left)


def _around(processor: Any) -> set[int]:  # noqa: ANN401 - JSON is any
    """Return the ids that a `post_processor` of tokenizer.json puts around every text."""
    if not isinstance(processor, dict):
        return set()
    if processor.get("type") == "Sequence":
        return {id_ for one in processor.get("processors", ()) for id_ in _around(one)}
    named = [
        str(part["SpecialToken"]["id"]) for part in processor.get("single", ()) if "SpecialToken" in part
    ]
    ids = processor.get("special_tokens", {})
    found = {int(id_) for name in named for id_ in ids.get(name, {}).get("ids", ())}
    return found | {int(processor[key][1]) for key in ("cls", "sep") if key in processor}
