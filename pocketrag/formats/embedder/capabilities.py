"""What keeps a model from being exported: `convert` refuses by it, and `check` before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import files
from .app_tokenizer import lacks
from .embedder_folder import Embedder
from .families import CAPABILITIES, Family, plain
from .padding import padding_faults

#: Where the tokenizer of each kind lies in an embedder's folder.
FILES = {"tokenizer.json": "tokenizer.json", "sentencepiece": "tokenizer.model"}
#: The app ranks by the product of unit vectors. Of vectors that are of unit length already these rank alike.
ALIKE = {"cosine": True, "dot": False, "euclidean": False}


def model_faults(embedder: Embedder) -> Iterator[str]:
    """Yield why a model can't be exported, each with its file; nothing where it can."""
    family, config = CAPABILITIES.get(embedder.family), embedder.folder / "config.json"
    if family is None:
        known = sorted(CAPABILITIES)
        yield f"{embedder.folder}: the family {embedder.family!r} can't be exported; known are {known}."
        return
    for name in family.required:
        if (key := family.setting(name)) not in embedder.config:
            yield f"{config}: {key} is missing. The folder is not a whole embedder."
    if family.projected and not embedder.dense:
        yield (
            f"{embedder.folder / 'modules.json'}: names no Dense layer, but EmbeddingGemma has two. "
            "Export it again."
        )
    yield from (f"{config}: {fault}." for fault in _settings(family, embedder.config))
    yield from padding_faults(embedder)
    yield from _similarity(embedder)


def _settings(family: Family, config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in family.arithmetic.items():
        if key in config and config[key] != value:
            yield f"{key} = {config[key]!r} can't be exported, only {value!r}"
    key = family.setting("hidden_act")
    if family.activations and (name := config.get(key, "")) not in ("", *family.activations):
        yield f"{key} = {name!r} can't be exported, only {sorted(family.activations)}"
    if all(family.setting(name) in config for name in family.required):
        yield from (fault for find in family.faults for fault in find(plain(config)))


def tokenizer_faults(embedder: Embedder) -> Iterator[str]:
    """Yield why the app would not read a known family's tokenizer, each with its file."""
    kind = CAPABILITIES[embedder.family].tokenizer
    file = embedder.folder / FILES[kind]
    if not file.is_file():
        yield f"{file}: missing; the phone tokenizes with SentencePiece."
        return
    if missing := lacks(file, kind):
        yield f"{file}: the app's runtime lacks {', '.join(missing)}."
    if kind == "tokenizer.json":
        yield from _lower_case(embedder.folder, files.read_json(file))


def npu_fault(family: str, name: str) -> str | None:
    """Return why no files for NPUs are made of a model; None where they are.

    Args:
        family: of the model.
        name: the model's, for the message.

    """
    if family in CAPABILITIES and CAPABILITIES[family].npu:
        return None
    compared = ", ".join(name for name, known in CAPABILITIES.items() if known.npu)
    return (
        f"`export.npu`: {name} is of the family {family!r}; files for NPUs were compared with float models "
        f"of {compared} only. Leave the key out."
    )


def _similarity(embedder: Embedder) -> Iterator[str]:
    file = embedder.folder / "config_sentence_transformers.json"
    name = (files.read_json(file).get("similarity_fn_name") if file.is_file() else None) or "cosine"
    if not (ALIKE.get(name) or (name in ALIKE and embedder.normalized)):
        yield (
            f"{file}: similarity_fn_name = {name!r} can't be exported: the app compares by cosine, which "
            "ranks otherwise. Take a model that was trained for cosine, or whose last module is Normalize."
        )


def _lower_case(folder: Path, tokenizer: dict[str, Any]) -> Iterator[str]:
    # SentenceTransformer lowers a text before its tokenizer sees it; the app has only the tokenizer.
    file = folder / "sentence_bert_config.json"
    asked = file.is_file() and files.read_json(file).get("do_lower_case")
    if asked and not (tokenizer.get("normalizer") or {}).get("lowercase"):
        yield (
            f"{file}: do_lower_case = true can't be exported: tokenizer.json itself keeps capitals. Set "
            "`normalizer.lowercase` there."
        )
