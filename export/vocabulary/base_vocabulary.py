"""A base embedder's vocabulary: its pieces, how it tokenizes, and how it is written with fewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.capabilities import FILES
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES

from .json_pieces import encoder, json_pieces, least_likely, trimmed_json
from .sentencepiece_bpe import Pieces, pieces_of, read_proto, trimmed
from .write_folder import added_names, gemma_tokenizer, special_names, write_rest

Encode = Callable[[list[str]], list[list[int]]]


@dataclass(frozen=True)
class BaseVocabulary:
    """What trimming needs to know of a tokenizer, whatever its kind."""

    file: str
    """Which the app tokenizes with."""
    pieces: Pieces
    special: frozenset[int]
    """Ids that are kept whatever the texts, beside those whose kind says so."""
    typed: frozenset[int]
    """Of these, what is text once it is trimmed, where a text spells it."""
    encode: Encode
    """Texts to ids, without special tokens around."""
    reread: Callable[[Path], Encode]
    """The same of a folder that was written."""
    write: Callable[[Path, list[int]], dict[str, Any]]
    """Into an empty folder, of these ids, rising; returns `rows_before` and `bytes_saved`."""


def read_vocabulary(base: Path) -> BaseVocabulary:
    """Return the vocabulary of an embedder's folder.

    Raises:
        InputError: the family or the kind of tokenizer can't be trimmed.

    """
    family = read_embedder(base).family
    if family not in CAPABILITIES:
        raise InputError(f"{base}: the family {family!r} can't be trimmed; remove [trim].")
    return READERS[CAPABILITIES[family].tokenizer](base)


def _sentencepiece(base: Path) -> BaseVocabulary:
    file = FILES["sentencepiece"]
    model = read_proto(base / file)
    pieces = pieces_of(model)
    _same_vocabulary(base, file, pieces)
    names = special_names(base)
    special = frozenset(pieces.ids[name] for name in names if name in pieces.ids)

    def write(out: Path, kept: list[int]) -> dict[str, Any]:
        (out / file).write_bytes(trimmed(model, kept, set(special)))
        return write_rest(base, out, _numbered(pieces, kept), kept, names, gemma_tokenizer)

    return BaseVocabulary(
        file, pieces, special, special, _processor(base / file), lambda out: _processor(out / file), write
    )


def _tokenizer_json(base: Path) -> BaseVocabulary:
    file = FILES["tokenizer.json"]
    whole = files.read_json(base / file)
    pieces = json_pieces(base / file, whole)
    special = frozenset({*pieces.added, *least_likely(pieces)})

    def write(out: Path, kept: list[int]) -> dict[str, Any]:
        return write_rest(base, out, _numbered(pieces, kept), kept, added_names(base), trimmed_json)

    return BaseVocabulary(
        file, pieces, special, frozenset(), encoder(base / file), lambda out: encoder(out / file), write
    )


def _numbered(pieces: Pieces, kept: list[int]) -> dict[str, int]:
    return {pieces.names[old]: at for at, old in enumerate(kept)}


def _processor(file: Path) -> Encode:
    from sentencepiece import SentencePieceProcessor

    encode: Encode = SentencePieceProcessor(model_file=str(file)).encode
    return encode


def _same_vocabulary(base: Path, file: str, pieces: Pieces) -> None:
    model = files.read_json(base / "tokenizer.json").get("model", {})
    if model.get("type") != "BPE" or any(model["vocab"].get(name) != id_ for name, id_ in pieces.ids.items()):
        raise InputError(
            f"{base / 'tokenizer.json'}: is not the BPE vocabulary of {file}; take both files "
            "from the same model."
        )


READERS: dict[str, Callable[[Path], BaseVocabulary]] = {
    "sentencepiece": _sentencepiece,
    "tokenizer.json": _tokenizer_json,
}
