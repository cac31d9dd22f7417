"""The modules of a SentenceTransformer folder: which, in what order, and what the small ones are.

SentenceTransformer falls back silently where a file or a key is missing, so all are read strictly here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

POOLINGS = {
    "mean": "pooling_mode_mean_tokens",
    "cls": "pooling_mode_cls_token",
    "lasttoken": "pooling_mode_lasttoken",
}
#: The format's own limit on its header, in bytes.
HEADER = 100_000_000
KINDS = ("Transformer", "Pooling", "Dense", "Normalize")
#: What a Dense layer's config.json calls its activation -> the name used here. SentenceTransformer's own
#: defaults, where the file says nothing, are Tanh and a bias.
ACTIVATIONS = {"torch.nn.modules.linear.Identity": "identity", "torch.nn.modules.activation.Tanh": "tanh"}
TANH = "torch.nn.modules.activation.Tanh"
#: Other keys of a Dense layer's config.json, and the one value with which it is a plain layer.
PLAIN_DENSE = {
    "module_input_name": "sentence_embedding",
    "module_output_name": "sentence_embedding",
    "use_residual": False,
}


@dataclass(frozen=True)
class Dense:
    """A linear layer behind the pooling."""

    folder: Path
    bias: bool
    activation: str
    """"identity" or "tanh"."""


def read_modules(folder: Path) -> list[tuple[str, str]]:
    """Return kind and folder of each module, in order.

    Raises:
        InputError: there is no list of them, or another than can be exported.

    """
    file = folder / "modules.json"
    if not file.is_file():
        raise InputError(
            f"{folder}: not a SentenceTransformer folder, modules.json is missing. Without it the "
            "pooling is unknown: save the model with SentenceTransformer.save_pretrained."
        )
    listed = read_part(file)
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


def read_pooling(file: Path) -> str:
    """Return how a text's hidden states become one row: a key of `POOLINGS`.

    Raises:
        InputError: another pooling, several, or one that leaves the prompt out.

    """
    config = read_part(file)
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


def read_dense(folder: Path) -> Dense:
    """Return what the folder of a Dense module says.

    Raises:
        InputError: it has no weights or others than it says, or computes what can't be exported.

    """
    file, config = folder / "config.json", read_part(folder / "config.json")
    require(folder, "model.safetensors")
    bias = bool(config.get("bias", True))
    found = set(tensors_of(folder / "model.safetensors"))
    if found != (wanted := {"linear.weight", *(["linear.bias"] if bias else [])}):
        raise InputError(
            f"{folder / 'model.safetensors'}: holds {', '.join(sorted(found))}; by its config.json it must "
            f"hold {', '.join(sorted(wanted))}."
        )
    name = config.get("activation_function", TANH)
    if name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise InputError(f"{file}: activation_function = {name!r} can't be exported; known are {known}.")
    for key, value in PLAIN_DENSE.items():
        if config.get(key, value) not in (value, None):
            raise InputError(f"{file}: {key} = {config[key]!r} can't be exported, only {value!r}.")
    return Dense(folder, bias, ACTIVATIONS[name])


def tensors_of(file: Path) -> list[str]:
    """Return the names of the tensors in a safetensors file.

    Raises:
        InputError: it is no such file, or not a whole one.

    """
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


def require(folder: Path, *names: str) -> None:
    """Check that a folder has one of these files.

    Raises:
        InputError: it has none.

    """
    if not any((folder / name).is_file() for name in names):
        raise InputError(
            f"{folder / names[0]}: missing. The embedder folder is incomplete; only safetensors "
            "weights are loaded."
        )


def read_part(file: Path) -> Any:  # noqa: ANN401 - JSON is any
    """Return what a JSON file of a folder holds.

    Raises:
        InputError: it is missing or not JSON.

    """
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{file}: missing. The embedder folder is incomplete.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{file}: not JSON ({error}).") from None
