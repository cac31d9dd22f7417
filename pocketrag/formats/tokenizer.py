"""Text to token ids as the phone does it: no padding, no truncation but ours, special tokens around."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pocketrag.errors import InputError

from .data.text_checks import UNFIT

Tokenize = Callable[[str], list[int]]


class TokenizerSpec(BaseModel):
    """Which file of a bundle tokenizes, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Literal["tokenizer.json", "sentencepiece"]
    file: str
    bos: int | None = None
    """SentencePiece only: the ids put before and after the pieces."""
    eos: int | None = None
    pad: int = 0
    """The id that a text's ids are right-padded with. No text yields it; the model's mask hides it."""


def load_tokenizer(folder: Path, spec: TokenizerSpec) -> Tokenize:
    """Return the function text -> token ids of a bundle.

    Raises:
        InputError: the file is missing or can't be read as its kind.

    """
    file = folder / spec.file
    try:
        return LOADERS[spec.kind](file, spec)
    except Exception as error:  # tokenizers and sentencepiece raise bare Exception and RuntimeError
        raise InputError(f"{file}: not a readable {spec.kind} tokenizer ({error}).") from error


def fit(ids: list[int], length: int) -> list[int]:
    """Cut `ids` to `length` tokens, keeping the last one (end of sequence)."""
    return ids if len(ids) <= length else [*ids[: length - 1], ids[-1]]


def padded(ids: Sequence[int], length: int, pad: int) -> list[int]:
    """Right-pad `ids` to `length` with the padding id of a `TokenizerSpec`, as every signature takes them.

    >>> padded([0, 9, 2], 5, 1)
    [0, 9, 2, 1, 1]
    """
    return [*ids, *[pad] * (length - len(ids))]


def shortest(lengths: Sequence[int], tokens: int) -> int:
    """Return the shortest of rising lengths that holds so many tokens: the one that a text goes through."""
    return next(length for length in lengths if length >= tokens)


def clean(text: str) -> str:
    """Replace what no tokenizer takes (lone surrogates, NUL) by U+FFFD."""
    return UNFIT.sub("\ufffd", text).strip()


def whole_tokenizer(file: Path) -> Any:  # noqa: ANN401 - the library has no types
    """Open a `tokenizer.json` so that it neither cuts nor pads; raises what the library does: `Exception`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    # Folders carry settings of their training here: MiniLM's cuts at 128 tokens and pads, silently.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _tokenizer_json(file: Path, spec: TokenizerSpec) -> Tokenize:
    tokenizer = whole_tokenizer(file)
    return lambda text: list(tokenizer.encode(clean(text)).ids)


def _sentencepiece(file: Path, spec: TokenizerSpec) -> Tokenize:
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(file))
    before, after = ([] if id_ is None else [id_] for id_ in (spec.bos, spec.eos))
    return lambda text: [*before, *processor.encode(clean(text)), *after]


LOADERS: dict[str, Callable[[Path, TokenizerSpec], Tokenize]] = {
    "tokenizer.json": _tokenizer_json,
    "sentencepiece": _sentencepiece,
}


def load_pieces(folder: Path, spec: TokenizerSpec) -> list[str]:
    """Return the piece of every id of a bundle's vocabulary, by which two vocabularies are compared.

    Raises:
        InputError: the file is missing or can't be read as its kind.

    """
    file = folder / spec.file
    try:
        return PIECES[spec.kind](file)
    except Exception as error:  # as above
        raise InputError(f"{file}: not a readable {spec.kind} tokenizer ({error}).") from error


def _pieces_json(file: Path) -> list[str]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    return [tokenizer.id_to_token(id_) or "" for id_ in range(tokenizer.get_vocab_size())]


def _pieces_sentencepiece(file: Path) -> list[str]:
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(file))
    return [processor.id_to_piece(id_) for id_ in range(processor.get_piece_size())]


PIECES: dict[str, Callable[[Path], list[str]]] = {
    "tokenizer.json": _pieces_json,
    "sentencepiece": _pieces_sentencepiece,
}
