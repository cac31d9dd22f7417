"""Some of the full model's own layers, its table and its head as one linear map: where a student starts.

What is written is an ordinary SentenceTransformer folder. A student of another start needs nothing but such a
folder.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import IDENTITY, PREFIXES, Embedder, read_embedder
from pocketrag.reference.save_model import TOKENIZERS

from .choose_layers import LAYERS, chosen_layers

#: What a module's folder or the transformer's own tells beside its weights.
CONFIGURATIONS = ("config", "sentence_bert_config", "sentence_transformers_config", "modules")
HEAD = "2_Dense"


def start_of_layers(
    embedder: Path, layers: int | Sequence[int], dims: int, out: Path, key: str
) -> tuple[int, ...]:
    """Write a folder with some layers of an embedder; return which, counted from 0.

    Args:
        embedder: the full model.
        layers: which, rising; a number n is the first n - 1 and the last.
        dims: of the vectors: the full model's, or its first so many.
        out: the folder to write; must not exist.
        key: the recipe's, for messages.

    Raises:
        InputError: the full model has no such layers, or its family is not known here.

    """
    full = read_embedder(embedder)
    chosen = chosen_layers(full, layers, key)
    out.mkdir(parents=True)
    save_file(_sliced(full, chosen), out / "model.safetensors", metadata={"format": "pt"})
    _copy(full, out)
    head = _head(full, dims)
    _write_modules(full, out, head is not None)
    if head is not None:
        _write_head(out / HEAD, head)
    (out / "config.json").write_text(files.to_json(_config(full.config, chosen)), "utf-8")
    return chosen


def merged_head(matrices: Sequence[Tensor], dims: int | None = None) -> Tensor:
    """Return linear maps [out, in], the first one first, as one float32 [dims, in]; exact in float64."""
    product = reduce(lambda before, matrix: matrix.double() @ before, matrices[1:], matrices[0].double())
    return product[:dims].float().contiguous()


def _sliced(full: Embedder, chosen: Sequence[int]) -> dict[str, Tensor]:
    # Names stay as they are but for the layers' numbers.
    before = "|".join(map(re.escape, PREFIXES))
    numbered = re.compile(rf"^((?:{before})?{re.escape(LAYERS[full.family])}\.)(\d+)(\..+)$")
    place, found = {layer: number for number, layer in enumerate(chosen)}, {}
    for name, tensor in _tensors(full.folder):
        match = numbered.match(name)
        if match is None:
            found[name] = tensor
        elif int(match[2]) in place:
            found[f"{match[1]}{place[int(match[2])]}{match[3]}"] = tensor
    return found


def _tensors(folder: Path) -> Iterator[tuple[str, Tensor]]:
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - safe_open is not a mapping
                tensor = tensors.get_tensor(name)
                yield name, tensor.float() if tensor.is_floating_point() else tensor


def _config(config: dict[str, Any], chosen: Sequence[int]) -> dict[str, Any]:
    found = {**config, "num_hidden_layers": len(chosen), "dtype": "float32"}
    found.pop("torch_dtype", None)
    if kinds := _kinds(config):
        found["layer_types"] = [kinds[layer] for layer in chosen]
    return found


def _kinds(config: dict[str, Any]) -> list[str]:
    if kinds := config.get("layer_types"):
        return list(kinds)
    every = config.get("sliding_window_pattern") or config.get("_sliding_window_pattern")
    count = int(config["num_hidden_layers"])
    return [f"{'sliding' if (n + 1) % every else 'full'}_attention" for n in range(count)] if every else []


def _copy(full: Embedder, out: Path) -> None:
    for file in sorted(full.folder.iterdir()):
        if file.is_file() and file.name.startswith((*TOKENIZERS, *CONFIGURATIONS)):
            shutil.copyfile(file, out / file.name)


def _write_modules(full: Embedder, out: Path, head: bool) -> None:
    listed = files.read_json(full.folder / "modules.json")
    kept = [module for module in listed if not str(module["type"]).endswith(".Dense")]
    for module in kept[1:]:
        (out / module["path"]).mkdir()  # that of Normalize may be empty, and git and hubs drop empty ones
        if (full.folder / module["path"]).is_dir():
            shutil.copytree(full.folder / module["path"], out / module["path"], dirs_exist_ok=True)
    if head:
        kept.insert(2, {"path": HEAD, "type": "sentence_transformers.models.Dense"})
    rows = [{**module, "idx": number, "name": str(number)} for number, module in enumerate(kept)]
    (out / "modules.json").write_text(files.to_json(rows), "utf-8")


def _head(full: Embedder, dims: int) -> Tensor | None:
    """Return the linear map behind the pooling, float32 [dims, hidden]; None where there is none."""
    if full.dense:
        maps = [load_file(folder / "model.safetensors")["linear.weight"] for folder in full.dense]
        return merged_head(maps, dims)
    hidden = int(full.config["hidden_size"])
    return None if dims == hidden else torch.eye(hidden)[:dims].contiguous()


def _write_head(folder: Path, head: Tensor) -> None:
    folder.mkdir()
    save_file({"linear.weight": head}, folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "in_features": head.shape[1],
        "out_features": head.shape[0],
        "bias": False,
        "activation_function": IDENTITY,
    }
    (folder / "config.json").write_text(files.to_json(config), "utf-8")
