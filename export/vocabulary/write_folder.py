"""Writing the trimmed folder.

The base's own files with fewer rows, and for Gemma two tokenizers that agree on every text.

Three differences between Gemma's `tokenizer.json` and `tokenizer.model` are taken out on the way, because
an app tokenizes with the one and training with the other:
- "<bos>", "<mask>", "<start_of_turn>" … typed into a text are text. The base's tokenizer.json made them
  special tokens, SentencePiece only some. (`split_special_tokens` says so to transformers; tokenizer.json
  itself does not list them.)
- runs of "▁", which stand for spaces, come from merges alone: as added tokens they matched the sign itself,
  not the spaces.
- an added token without a row in the table (`<image_soft_token>`) is gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from pocketrag.errors import InputError
from pocketrag.formats import files

from ..model.weights import weight_files
from .sentencepiece_bpe import SPACE

Tokenizer = Callable[[dict[str, Any], dict[str, int], set[str]], dict[str, Any]]
#: What families call the table of tokens.
TABLES = ("embed_tokens.weight", "word_embeddings.weight", "tok_embeddings.weight")
#: Written anew, or not of the embedder, or what an older tokenizer would read in place of tokenizer.json.
OWN = (
    *("tokenizer.json", "added_tokens.json", "model.safetensors.index.json", "manifest.json"),
    "vocab.json",
)
#: transformers' GemmaTokenizer takes this one as special whether a configuration names it or not.
MASK = "<mask>"


def special_names(base: Path) -> set[str]:
    """Return the special tokens: those that `tokenizer.json` marks, or a tokenizer configuration names."""
    names = {
        token["content"]
        for token in files.read_json(base / "tokenizer.json")["added_tokens"]
        if token["special"]
    }
    for file in _present(base, "tokenizer_config.json", "special_tokens_map.json"):
        names |= {
            _content(value)
            for key, value in files.read_json(file).items()
            if key.endswith("_token") and value
        }
    return {name for name in names if isinstance(name, str)} | {MASK}


def added_names(base: Path) -> set[str]:
    """Return the tokens that `tokenizer.json` marks as special."""
    rows = files.read_json(base / "tokenizer.json")["added_tokens"]
    return {token["content"] for token in rows if token["special"]}


def write_rest(
    base: Path, out: Path, new: dict[str, int], kept: list[int], special: set[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Write all of the trimmed folder but `tokenizer.model`, and return what the table lost.

    Args:
        base: the embedder.
        out: an empty folder.
        new: piece -> new id.
        kept: new id -> old id, rising.
        special: names of the special tokens.
        tokenizer: what becomes of tokenizer.json, of it, `new` and `special`.

    Raises:
        InputError: a configuration names a token id that is not kept, or the weights hold no table of the
            vocabulary's size.

    """
    for file in sorted(base.glob("*.json")):
        if file.name not in OWN:
            shutil.copyfile(file, out / file.name)
    for module in files.read_json(base / "modules.json"):
        if module["path"] and (base / module["path"]).is_dir():
            shutil.copytree(base / module["path"], out / module["path"])
    _write(out / "tokenizer.json", tokenizer(files.read_json(base / "tokenizer.json"), new, special))
    for file in _present(out, "tokenizer_config.json", "special_tokens_map.json"):
        values = _settings(files.read_json(file), new, special, file.name == "tokenizer_config.json")
        if tokenizer is not gemma_tokenizer:
            values.pop("split_special_tokens", None)
        _write(file, values)
    for file in _present(out, "config.json", "generation_config.json"):
        _write(file, _ids(file, files.read_json(file), {old: at for at, old in enumerate(kept)}))
    return _weights(base, out, kept)


def gemma_tokenizer(whole: dict[str, Any], new: dict[str, int], special: set[str]) -> dict[str, Any]:
    """Return Gemma's `tokenizer.json` with fewer pieces: special tokens that are typed are text."""
    model = whole["model"]
    pairs = (tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in model["merges"])
    merges = [[left, right] for left, right in pairs if left in new and right in new and left + right in new]
    added = [
        {**token, "id": new[token["content"]]}
        for token in whole["added_tokens"]
        if _matches(token["content"], new, special)
    ]
    template = whole["post_processor"]
    for name, token in template["special_tokens"].items():
        template["special_tokens"][name] = {**token, "ids": [new[piece] for piece in token["tokens"]]}
    return {
        **whole,
        "added_tokens": added,
        "post_processor": template,
        "model": {**model, "vocab": new, "merges": merges},
    }


def _matches(name: str, new: dict[str, int], special: set[str]) -> bool:
    return name in new and name not in special and SPACE not in name


def _settings(values: dict[str, Any], new: dict[str, int], special: set[str], main: bool) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in values.items()
        if not (key.endswith("_token") and _content(value) not in {*new, None})
    }
    if isinstance(extra := kept.get("extra_special_tokens"), dict):
        kept["extra_special_tokens"] = {key: value for key, value in extra.items() if _content(value) in new}
    if main:
        rows = [
            row
            for row in values.get("added_tokens_decoder", {}).values()
            if row["content"] in new and SPACE not in row["content"]
        ]
        named = {str(new[row["content"]]): {**row, "special": row["content"] in special} for row in rows}
        kept.update(added_tokens_decoder=named, split_special_tokens=True)
    return kept


def _content(value: Any) -> Any:  # noqa: ANN401 - a token is its text, or an object that holds it
    return value.get("content") if isinstance(value, dict) else value


def _ids(file: Path, values: dict[str, Any], back: dict[int, int]) -> dict[str, Any]:
    changed = dict(values)
    for key, value in values.items():
        if key.endswith(("_token_id", "_token_index")) and value is not None:
            wanted = value if isinstance(value, list) else [value]
            if any(id_ not in back for id_ in wanted):
                raise InputError(
                    f"{file}: `{key}` = {value} names a token that trimming does not keep; remove the key."
                )
            changed[key] = [back[id_] for id_ in wanted] if isinstance(value, list) else back[value]
    return {**changed, "vocab_size": len(back)} if "vocab_size" in values else changed


def _weights(base: Path, out: Path, kept: list[int]) -> dict[str, Any]:
    tensors: dict[str, torch.Tensor] = {}
    for file in weight_files(base):
        with safe_open(file, framework="pt") as stored:
            tensors.update({name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118 - safe_open is not a mapping
    name = next((name for name in tensors if name.endswith(TABLES)), None)
    if name is None or len(tensors[name]) <= kept[-1]:
        raise InputError(
            f"{base}: the weights hold no {' or '.join(TABLES)} with a row for each of the tokenizer's "
            "pieces."
        )
    before = tensors[name]
    tensors[name] = before[torch.tensor(kept)].contiguous()
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    return {
        "rows_before": len(before),
        "bytes_saved": (len(before) - len(kept)) * before.shape[1] * before.element_size(),
    }


def _present(folder: Path, *names: str) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()]


def _write(file: Path, values: dict[str, Any]) -> None:
    file.write_text(files.to_json(values), "utf-8")
