"""Some of the full model's own layers and its table, as an ordinary SentenceTransformer folder.

Its dense layers are left out: they expect what the last of all layers writes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import PREFIXES, Embedder, read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES
from pocketrag.formats.embedder.layer_kinds import modernbert_kinds
from pocketrag.reference.save_model import TOKENIZERS

from .choose_layers import chosen_layers

#: What a module's folder or the transformer's own tells beside its weights.
CONFIGURATIONS = ("config", "sentence_bert_config", "sentence_transformers_config", "modules")


def start_of_layers(embedder: Path, layers: int | Sequence[int], out: Path, key: str) -> tuple[int, ...]:
    """Write a folder with some layers of an embedder; return which, counted from 0.

    Args:
        embedder: the full model.
        layers: which, rising; a number n is the first n.
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
    _write_modules(full, out)
    (out / "config.json").write_text(files.to_json(_config(full, chosen)), "utf-8")
    return chosen


def _sliced(full: Embedder, chosen: Sequence[int]) -> dict[str, Tensor]:
    # Names stay as they are but for the layers' numbers.
    before = "|".join(map(re.escape, PREFIXES))
    numbered = re.compile(rf"^((?:{before})?{re.escape(CAPABILITIES[full.family].layers)}\.)(\d+)(\..+)$")
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


def _config(full: Embedder, chosen: Sequence[int]) -> dict[str, Any]:
    count = CAPABILITIES[full.family].setting("num_hidden_layers")
    found = {**full.config, count: len(chosen), "dtype": "float32"}
    found.pop("torch_dtype", None)
    if kinds := _kinds(full.config):
        found["layer_types"] = [kinds[layer] for layer in chosen]
    return found


def _kinds(config: dict[str, Any]) -> list[str]:
    if kinds := config.get("layer_types"):
        return list(kinds)
    if config["model_type"] == "modernbert":
        return modernbert_kinds(config)
    every = config.get("sliding_window_pattern") or config.get("_sliding_window_pattern")
    count = int(config["num_hidden_layers"])
    return [f"{'sliding' if (n + 1) % every else 'full'}_attention" for n in range(count)] if every else []


def _copy(full: Embedder, out: Path) -> None:
    for file in sorted(full.folder.iterdir()):
        if file.is_file() and file.name.startswith((*TOKENIZERS, *CONFIGURATIONS)):
            shutil.copyfile(file, out / file.name)


def _write_modules(full: Embedder, out: Path) -> None:
    listed = files.read_json(full.folder / "modules.json")
    kept = [module for module in listed if not str(module["type"]).endswith(".Dense")]
    for module in kept[1:]:
        (out / module["path"]).mkdir()  # that of Normalize may be empty, and git and hubs drop empty ones
        if (full.folder / module["path"]).is_dir():
            shutil.copytree(full.folder / module["path"], out / module["path"], dirs_exist_ok=True)
    rows = [{**module, "idx": number, "name": str(number)} for number, module in enumerate(kept)]
    (out / "modules.json").write_text(files.to_json(rows), "utf-8")
