"""Embedders whose activations leave fp16."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path


def spoiled(folder: Path, target: Path, parts: Mapping[str, float]) -> Path:
    """A copy in which the weights whose names one of the patterns `parts` finds are as many times as large; a Gemma norm's w stands for 1 + w."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, target)
    gemma = json.loads((folder / "config.json").read_text())["model_type"] == "gemma3_text"
    tensors = load_file(target / "model.safetensors")
    for part, factor in parts.items():
        hit = [name for name in tensors if re.search(part, name)]
        assert hit, part
        for name in hit:
            one = 1 if gemma and "norm" in name else 0
            tensors[name] = (one + tensors[name]) * factor - one
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    return target
