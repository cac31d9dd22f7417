"""Model2Vec's folders read with NumPy: a text's vector is the mean of its tokens' rows, at unit length.

The layout and the arithmetic are those of the package `model2vec` (https://github.com/MinishLab/model2vec);
a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.tokenizer import whole_tokenizer

#: `model_type` of such a folder's config.json.
KIND = "model2vec"
WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
#: Added to a length before dividing by it, as Model2Vec does: a text without tokens stays zero.
LEAST = 1e-32


class StaticModel:
    """A table of token vectors and its tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Read a folder.

        Raises:
            InputError: a file is missing, can't be read, or table and tokenizer do not belong together.

        """
        self.folder = folder
        self.config: dict[str, Any] = files.read_json(folder / CONFIG)
        self.tokenizer = read_tokenizer(folder / TOKENIZER)
        self.table, self.rows = _table(folder / WEIGHTS)
        self.unknown = unknown_id(self.tokenizer)
        tokens = self.tokenizer.get_vocab_size(with_added_tokens=True)
        if tokens > len(self.rows):
            raise InputError(f"{folder}: has {tokens} tokens and only {len(self.rows)} vectors.")

    @property
    def dims(self) -> int:
        """Width of the vectors."""
        return int(self.table.shape[1])

    def ids(self, text: str) -> list[int]:
        """Return a text's token ids, without special tokens and unknown ones."""
        found = self.tokenizer.encode(text, add_special_tokens=False).ids
        return [id_ for id_ in found if id_ != self.unknown]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit vectors float32 [n, dims]; that of a text without a known token is zero."""
        vectors = np.zeros((len(texts), self.dims), np.float32)
        for n, text in enumerate(texts):
            if ids := self.ids(text):
                vectors[n] = self.table[self.rows[ids]].mean(0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / (norms + np.float32(LEAST)), np.float32)


def is_static(folder: Path) -> bool:
    """Say whether a folder is one of Model2Vec's."""
    file = folder / CONFIG
    return file.is_file() and files.read_json(file).get("model_type") == KIND


def read_tokenizer(file: Path) -> Any:  # noqa: ANN401 - the library has no types
    """Read a `tokenizer.json` that neither cuts nor pads.

    Raises:
        InputError: it is missing or can't be read.

    """
    if not file.is_file():
        raise InputError(f"{file}: missing. Only models with a tokenizer.json can be read.")
    try:
        return whole_tokenizer(file)
    except Exception as error:  # tokenizers raises bare Exception
        raise InputError(f"{file}: not a readable tokenizer ({error}).") from error


def unknown_id(tokenizer: Any) -> int | None:  # noqa: ANN401
    """Return the id of the token that stands for what a tokenizer does not know; None where it has none."""
    name = getattr(tokenizer.model, "unk_token", None)
    return None if name is None else tokenizer.token_to_id(name)


def _table(file: Path) -> tuple[np.ndarray, np.ndarray]:
    # Two later forms: a row for several tokens (`mapping`), and weights of tokens apart from their rows.
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(file)
        table = tensors["embeddings"].astype(np.float32)
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise InputError(f"{file}: holds no readable table `embeddings` ({error}).") from error
    rows = tensors.get("mapping", np.arange(len(table)))
    if "weights" in tensors:
        table, rows = table[rows] * tensors["weights"].astype(np.float32)[:, None], np.arange(len(rows))
    if not np.isfinite(table).all():
        raise InputError(f"{file}: holds NaN or infinity.")
    return table, rows
