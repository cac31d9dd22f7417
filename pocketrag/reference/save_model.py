"""Writing a SentenceTransformer folder that tokenizes and cuts as the one that it came from."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import read_embedder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: How the names of a tokenizer's files begin.
TOKENIZERS = ("tokenizer", "special_tokens_map", "added_tokens", "vocab")


def save_like(model: SentenceTransformer, folder: Path, out: Path) -> None:
    """Write a model that was trained from the embedder in `folder` to the folder `out`, as safetensors."""
    model.prompts = dict(read_embedder(folder).prompts)  # the folder keeps what the base asks for
    model.save_pretrained(str(out), safe_serialization=True, create_model_card=False)
    model.prompts = {}  # here texts carry theirs already
    copy_tokenizer(folder, out)
    _keep_limit(folder, out)


def copy_tokenizer(folder: Path, out: Path, names: tuple[str, ...] = TOKENIZERS) -> None:
    """Copy a tokenizer's files, which begin so: no training changes them.

    transformers would write tokenizer.json anew in its own way, and no tokenizer.model at all.
    """
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.startswith(names):
            shutil.copyfile(file, out / file.name)


def _keep_limit(folder: Path, out: Path) -> None:
    # Not written by sentence-transformers 6; without it texts would be cut elsewhere than the base cuts them.
    file = out / "sentence_bert_config.json"
    config = files.read_json(file) if file.is_file() else {}
    file.write_text(files.to_json({**config, "max_seq_length": read_embedder(folder).max_tokens}), "utf-8")
