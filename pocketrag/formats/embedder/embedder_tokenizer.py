"""Which file of an embedder's folder tokenizes on the phone, and how."""

from __future__ import annotations

from pocketrag.errors import InputError

from ..tokenizer import TokenizerSpec
from .capabilities import FILES
from .embedder_folder import Embedder
from .families import CAPABILITIES
from .padding import padding_of


def tokenizer_of(embedder: Embedder) -> TokenizerSpec:
    """Return what the app tokenizes with, of a family that can be exported.

    Raises:
        InputError: SentencePiece's model is missing, or no padding token is named.

    """
    family = CAPABILITIES.get(embedder.family)
    if family is None or family.tokenizer == "tokenizer.json":
        return TokenizerSpec(kind="tokenizer.json", file=FILES["tokenizer.json"], pad=padding_of(embedder))
    file = embedder.folder / FILES["sentencepiece"]
    if not file.is_file():
        raise InputError(f"{file}: missing; the phone tokenizes with SentencePiece.")
    return TokenizerSpec(
        kind="sentencepiece",
        file=file.name,
        bos=embedder.config["bos_token_id"],
        eos=embedder.config["eos_token_id"],
        pad=padding_of(embedder),
    )
