"""What can be exported, in one table: by model family, what its configuration must and must not say.

`convert` refuses by it, and `check` before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .. import files
from .app_tokenizer import lacks
from .embedder_folder import Embedder
from .layer_kinds import (
    full_faults,
    grouped_faults,
    kind_faults,
    per_layer_faults,
    rotary_faults,
    split_faults,
)


@dataclass(frozen=True)
class Family:
    """What of a model family can be exported."""

    tokenizer: Literal["tokenizer.json", "sentencepiece"]
    """How the app cuts its texts; `FILES` has the file."""
    required: tuple[str, ...]
    """What a config.json must say; without it transformers would take a default, and the export another."""
    arithmetic: dict[str, Any] = field(default_factory=dict)
    """What would change the arithmetic without changing a weight's name or shape is refused, not ignored."""
    activations: tuple[str, ...] = ()
    """Values of `hidden_act`, or `hidden_activation`; empty where `arithmetic` has it."""
    projected: bool = False
    """Whether it has dense layers behind the pooling, without which its vectors would be another model's."""
    faults: tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...] = ()
    """What no single key tells: each yields why a configuration, whole otherwise, can't be exported."""


#: `model_type` of a config.json -> what can be exported.
CAPABILITIES: dict[str, Family] = {
    "bert": Family(
        "tokenizer.json",
        required=(
            *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"),
            *("layer_norm_eps", "hidden_act"),
        ),
        arithmetic={"position_embedding_type": "absolute", "is_decoder": False, "pad_token_id": 0},
        activations=("gelu", "gelu_new", "gelu_pytorch_tanh"),
    ),
    "gemma3_text": Family(
        "sentencepiece",
        required=(
            *(
                "vocab_size",
                "hidden_size",
                "num_attention_heads",
                "head_dim",
                "rms_norm_eps",
                "sliding_window",
            ),
            *("query_pre_attn_scalar", "bos_token_id", "eos_token_id"),
        ),
        arithmetic={
            "use_bidirectional_attention": True,
            "num_key_value_heads": 1,
            "attention_bias": False,
            "attn_logit_softcapping": None,
            "rope_scaling": None,
            "hidden_activation": "gelu_pytorch_tanh",
            "pad_token_id": 0,
        },
        projected=True,
    ),
    "modernbert": Family(
        "tokenizer.json",
        required=(
            *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
            *("norm_eps", "hidden_activation", "local_attention"),
        ),
        arithmetic={
            **dict.fromkeys(("attention_bias", "mlp_bias", "norm_bias"), False),
            "per_layer_config": None,
        },
        activations=("gelu", "gelu_new", "gelu_pytorch_tanh"),
        faults=(kind_faults, rotary_faults, split_faults),
    ),
    "qwen3": Family(
        "tokenizer.json",
        required=(
            *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
            *("num_key_value_heads", "head_dim", "rms_norm_eps", "hidden_act"),
        ),
        arithmetic={
            **dict.fromkeys(("attention_bias", "use_sliding_window"), False),
            "hidden_act": "silu",
            "per_layer_config": None,
        },
        faults=(full_faults, grouped_faults, rotary_faults),
    ),
    "embedding_gemma2_text": Family(
        "sentencepiece",
        required=(
            *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
            *("num_key_value_heads", "head_dim", "rms_norm_eps", "sliding_window", "hidden_activation"),
            *("hidden_size_per_layer_input", "embedding_dim", "bos_token_id", "eos_token_id"),
        ),
        arithmetic={"attention_bias": False, "hidden_activation": "gelu_pytorch_tanh", "pad_token_id": 0},
        faults=(kind_faults, grouped_faults, per_layer_faults, rotary_faults),
    ),
}
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
    for key in family.required:
        if key not in embedder.config:
            yield f"{config}: {key} is missing. The folder is not a whole embedder."
    if family.projected and not embedder.dense:
        yield (
            f"{embedder.folder / 'modules.json'}: names no Dense layer, but EmbeddingGemma has two. "
            "Export it again."
        )
    yield from (f"{config}: {fault}." for fault in _settings(family, embedder.config))
    yield from _similarity(embedder)


def _settings(family: Family, config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in family.arithmetic.items():
        if key in config and config[key] != value:
            yield f"{key} = {config[key]!r} can't be exported, only {value!r}"
    for key in ("hidden_act", "hidden_activation"):
        name = config.get(key)
        if family.activations and key in config and name not in family.activations:
            yield f"{key} = {name!r} can't be exported, only {sorted(family.activations)}"
    if all(key in config for key in family.required):
        yield from (fault for find in family.faults for fault in find(config))


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
