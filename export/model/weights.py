"""Strict reading of safetensors: every tensor is used by name, none is missing, none is left over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import PREFIXES


def weight_files(folder: Path) -> list[Path]:
    """List the safetensors files of one module folder: a single file, or the shards that its index names.

    Raises:
        InputError: there is no safetensors file, or the index names a shard that is missing or lies
            elsewhere.

    """
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        single = folder / "model.safetensors"
        if not single.is_file():
            raise InputError(
                f"{single}: missing. Save the embedder as safetensors (pickled weights are never loaded)."
            )
        return [single]
    shards = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    for shard in shards:
        if Path(shard).name != shard or not (folder / shard).is_file():
            raise InputError(f"{index}: names the shard {shard!r}, which is not in {folder}.")
    return [folder / shard for shard in shards]


class Weights:
    """The tensors of one folder by name, as float32; remembers which of them were taken."""

    def __init__(self, folder: Path) -> None:
        """Read all tensors of `folder`; known prefixes are dropped, bf16 and fp16 become float32."""
        self.folder = folder
        self.tensors: dict[str, torch.Tensor] = {}
        for file in weight_files(folder):
            self._read(file)

    def _read(self, file: Path) -> None:
        try:
            with safe_open(file, framework="pt") as tensors:
                for key in tensors.keys():  # noqa: SIM118 - safe_open is not a mapping
                    self.tensors[_plain(key)] = tensors.get_tensor(key).to(torch.float32)
        except SafetensorError as error:
            raise InputError(
                f"{file}: not a readable safetensors file ({error}). Download or export it again."
            ) from error

    def take(self, name: str, shape: tuple[int, ...] | None = None) -> torch.Tensor:
        """Return the tensor `name` and mark it used.

        Raises:
            InputError: it is missing, already taken, of another shape than `shape`, or holds NaN or infinity.

        """
        if name not in self.tensors:
            raise InputError(
                f"{self.folder}: the weights lack {name!r}. The folder is not a complete "
                "embedder of this family."
            )
        tensor = self.tensors.pop(name)
        if shape is not None and tuple(tensor.shape) != shape:
            raise InputError(
                f"{self.folder}: {name!r} has shape {tuple(tensor.shape)}, the config says {shape}."
            )
        if not torch.isfinite(tensor).all():
            raise InputError(f"{self.folder}: {name!r} holds NaN or infinity.")
        return tensor

    def finish(self, unused: Iterable[str] = ()) -> None:
        """Check that nothing is left but names that start with one of `unused`.

        Raises:
            InputError: a weight was not used, so the exported graph would not be the model of this folder.

        """
        left = [name for name in self.tensors if not name.startswith(tuple(unused))]
        if left:
            raise InputError(
                f"{self.folder}: {len(left)} weights are not used by the export, such as {left[0]!r}."
            )


def _plain(key: str) -> str:
    return next((key[len(prefix) :] for prefix in PREFIXES if key.startswith(prefix)), key)
