"""What a language model's folder says of itself, read strictly and without torch."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .. import files

TEMPLATE = "chat_template.jinja"
#: How the names of the files begin that a tokenizer is read from, its chat template among them; the settings
#: of generation hold the stop tokens.
TOKENIZERS = (
    "tokenizer",
    "special_tokens_map",
    "added_tokens",
    "vocab",
    "merges",
    "chat_template",
    "generation_config",
)
KEPT = (".json", ".safetensors", ".model", ".txt", ".jinja")


@dataclass(frozen=True)
class LanguageModel:
    """A checked folder: configuration, weights as safetensors, a fast tokenizer and a chat template."""

    folder: Path
    config: dict[str, Any]

    @property
    def family(self) -> str:
        """`model_type` of its configuration."""
        return str(self.config["model_type"])

    @cached_property
    def parameters(self) -> int:
        """Numbers in its stored tensors; a table that input and output share counts once."""
        return sum(_numbers(file) for file in sorted(self.folder.glob("*.safetensors")))

    @cached_property
    def stops(self) -> frozenset[int]:
        """Token ids that end an answer, by both configurations."""
        settings = self.folder / "generation_config.json"
        found = [self.config.get("eos_token_id")]
        found += [files.read_json(settings).get("eos_token_id")] if settings.is_file() else []
        rows = [row if isinstance(row, list) else [row] for row in found]
        return frozenset(id_ for row in rows for id_ in row if isinstance(id_, int))


def read_language_model(folder: Path) -> LanguageModel:
    """Check a folder and return what it holds.

    Raises:
        InputError: it lacks configuration, safetensors, tokenizer.json or a chat template, or is no model
            that writes.

    """
    config = files.read_json(folder / "config.json")
    if not isinstance(config, dict) or "model_type" not in config:
        raise InputError(f"{folder / 'config.json'}: names no model_type, so it is no model's configuration.")
    named = [str(name) for name in config.get("architectures") or ()]
    if named and not any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in named):
        raise InputError(f"{folder}: is a {named[0]}, and a generator is a language model (…ForCausalLM).")
    if not any(folder.glob("*.safetensors")):
        raise InputError(f"{folder}: has no weights as safetensors.")
    if not (folder / "tokenizer.json").is_file():
        raise InputError(f"{folder}: has no tokenizer.json.")
    if not _has_template(folder):
        raise InputError(f"{folder}: has no chat template; take the model's instruct version.")
    return LanguageModel(folder, config)


def fingerprint(folder: Path, sha256: Callable[[Path], str] = files.sha256) -> str:
    """Return one digest of all that decides what a model reads and writes.

    Configurations, tokenizer with its template, weights.

    Args:
        folder: the model's.
        sha256: gives a file's SHA-256; a command passes one that remembers.

    """
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith(KEPT))
    return files.digest_of({path.name: sha256(path) for path in found})


def weights_digest(folder: Path) -> str:
    """Return one SHA-256 of a folder's weights: of the digests of all its safetensors, by name."""
    return files.digest_of({path.name: files.sha256(path) for path in sorted(folder.glob("*.safetensors"))})


def _has_template(folder: Path) -> bool:
    if (folder / TEMPLATE).is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and bool(files.read_json(settings).get("chat_template"))


def _numbers(file: Path) -> int:
    # https://huggingface.co/docs/safetensors: eight bytes with the header's length, then the header, in JSON.
    try:
        with file.open("rb") as stream:
            header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        shapes = [row["shape"] for name, row in header.items() if name != "__metadata__"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a safetensors file ({error}).") from None
    return sum(_product(shape) for shape in shapes)


def _product(shape: list[int]) -> int:
    found = 1
    for size in shape:
        found *= size
    return found
