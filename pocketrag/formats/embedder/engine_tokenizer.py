"""A bundle's tokenizer as LiteRT-LM's EmbeddingEngine takes it: text to tokens, and ids put around them.

The engine's own tokenizer adds no special tokens. It cuts too long a text behind them, and puts the closing
one last, as `..tokenizer.fit` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError

from ..tokenizer import TokenizerSpec, whole_tokenizer
from .embedder_folder import Embedder
from .embedder_tokenizer import tokenizer_of

#: Families whose `.litertlm` gave the encoder's vectors here, on tiny models of random weights. What
#: EmbeddingGemma 2 looks up for each layer would be a section of its own.
FAMILIES = (
    "bert",
    "distilbert",
    "gemma3_text",
    "modernbert",
    "mpnet",
    "qwen3",
    "roberta",
    "xlm-roberta",
)
#: Any text with more than one token.
PROBE = "a b"


@dataclass(frozen=True)
class Around:
    """Token ids that a text's own are put between."""

    before: tuple[int, ...]
    after: tuple[int, ...]


def around(folder: Path, spec: TokenizerSpec) -> Around:
    """Return the special tokens that a tokenizer puts around any text.

    Raises:
        InputError: it puts some elsewhere, or not exactly one behind.

    """
    found = _of_json(folder / spec.file) if spec.kind == "tokenizer.json" else _of_pieces(spec)
    if len(found.after) != 1:
        raise InputError(
            f"{folder / spec.file}: `export.litertlm` needs a tokenizer that puts one token behind a text, "
            f"and this one puts {len(found.after)}: texts that are too long would be cut otherwise. Leave "
            "the key out."
        )
    return found


def engine_faults(embedder: Embedder) -> Iterator[str]:
    """Yield why a model that can be exported can't be a `.litertlm` too."""
    if embedder.family not in FAMILIES:
        yield (
            f"`export.litertlm`: {embedder.folder.name} is of the family {embedder.family!r}; files for "
            f"LiteRT-LM were compared for {', '.join(FAMILIES)} only. Leave the key out."
        )
        return
    try:
        around(embedder.folder, tokenizer_of(embedder))
    except InputError as error:
        yield str(error)


def _of_pieces(spec: TokenizerSpec) -> Around:
    before, after = (() if id_ is None else (id_,) for id_ in (spec.bos, spec.eos))
    return Around(before, after)


def _of_json(file: Path) -> Around:
    try:
        tokenizer = whole_tokenizer(file)
    except Exception as error:  # tokenizers raises bare Exception
        raise InputError(f"{file}: not a readable tokenizer.json ({error}).") from error
    whole, own = (list(tokenizer.encode(PROBE, add_special_tokens=added).ids) for added in (True, False))
    at = next((i for i in range(len(whole)) if whole[i : i + len(own)] == own), None)
    if at is None or not own:
        raise InputError(
            f"{file}: `export.litertlm` needs special tokens before and behind a text, not inside. Leave the "
            "key out."
        )
    return Around(tuple(whole[:at]), tuple(whole[at + len(own) :]))
