"""What is known about each model family, in one table.

What its `config.json` must and must not say, how its weights are called, and what was proved of it. `check`,
`convert`, tuning, students and the files for NPUs go by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from .layer_kinds import (
    full_faults,
    grouped_faults,
    kind_faults,
    per_layer_faults,
    rotary_faults,
    split_faults,
    window_faults,
)

#: The numbers without which no encoder of BERT's kind has a shape.
_SIZES = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings")
#: The same of those with key-value heads that several query heads share.
_GROUPED = (*(*_SIZES[:-1], "intermediate_size", "num_key_value_heads", "head_dim", "rms_norm_eps"),)
_GATED = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
_GELU = ("gelu", "gelu_new", "gelu_pytorch_tanh")
#: A folder that asks for code of its own is another model than transformers' of that name.
_OWN_CODE: dict[str, Any] = {"auto_map": None}
_ENCODER: dict[str, Any] = {
    **_OWN_CODE,
    "is_decoder": False,
    "add_cross_attention": False,
    "position_embedding_type": "absolute",
}


@dataclass(frozen=True)
class Family:
    """What of a model family can be exported, and how its parts are called."""

    required: tuple[str, ...]
    """What a config.json must say; without it transformers would take a default, and the export another."""
    attention: tuple[str, ...]
    """The projections of a layer's attention (query, key, value, output), as its weights are called."""
    feed_forward: tuple[str, ...]
    """Those of its feed-forward, the one back to the hidden size last."""
    layers: str = "encoder.layer"
    """How its layers' weights begin, before their number."""
    tokenizer: Literal["tokenizer.json", "sentencepiece"] = "tokenizer.json"
    """How the app cuts its texts; `FILES` has the file."""
    arithmetic: Mapping[str, Any] = field(default_factory=dict)
    """What would change the arithmetic without changing a weight's name or shape is refused, not ignored."""
    activations: tuple[str, ...] = ()
    """Values of `hidden_act`; empty where `arithmetic` has it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What its config.json calls a setting that most families call by the first name."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Settings of other families that are constants of this one."""
    behind_padding: bool = False
    """Whether the first token's position is `pad_token_id` + 1, as fairseq counted; else it is 0."""
    projected: bool = False
    """Whether it has dense layers behind the pooling, without which its vectors would be another model's."""
    faults: tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...] = ()
    """What no single key tells: each yields why a configuration, whole otherwise, can't be exported.

    It gets the settings under their own names and under those that most families call them by.
    """
    output: str = "hidden_size"
    """What its config.json calls the dims of what its last layer gives."""
    taken: Literal["any", "with the first", "none"] = "any"
    """Which of its layers a student may be made of."""
    title: str = ""
    """What people call its best known embedder."""
    asked: str = ""
    """A template for questions such as it was trained with, where it was trained with one."""
    npu: bool = False
    """Whether its compiled form was run on the emulator of an NPU and compared with the float model."""

    def setting(self, name: str) -> str:
        """Return what config.json calls a setting that most families call `name`."""
        return self.names.get(name, name)


_BERT = Family(
    required=(*_SIZES, "layer_norm_eps", "hidden_act"),
    attention=(*(f"attention.self.{name}" for name in ("query", "key", "value")), "attention.output.dense"),
    feed_forward=("intermediate.dense", "output.dense"),
    arithmetic=_ENCODER,
    activations=_GELU,
    faults=(split_faults,),
)
#: fairseq's: the first position is that behind the padding's id.
_ROBERTA = replace(_BERT, required=(*_BERT.required, "pad_token_id"), behind_padding=True)
#: `model_type` of a config.json -> what can be exported.
CAPABILITIES: dict[str, Family] = {
    "bert": replace(_BERT, npu=True),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "distilbert": Family(
        required=(*_SIZES, "hidden_act"),
        attention=tuple(f"attention.{name}_lin" for name in ("q", "k", "v", "out")),
        feed_forward=("ffn.lin1", "ffn.lin2"),
        layers="transformer.layer",
        arithmetic=_ENCODER,
        activations=(*_GELU, "relu"),
        names={
            "hidden_size": "dim",
            "num_hidden_layers": "n_layers",
            "num_attention_heads": "n_heads",
            "intermediate_size": "hidden_dim",
            "hidden_act": "activation",
        },
        fixed={"layer_norm_eps": 1e-12},
        faults=(split_faults,),
    ),
    "mpnet": replace(
        _ROBERTA,
        required=(*_ROBERTA.required, "relative_attention_num_buckets"),
        attention=tuple(f"attention.attn.{name}" for name in "qkvo"),
        # transformers has both as constants, whatever config.json says.
        arithmetic={**_ENCODER, "relative_attention_num_buckets": 32, "pad_token_id": 1},
    ),
    "gemma3_text": Family(
        required=(
            *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
            *("head_dim", "rms_norm_eps", "sliding_window", "query_pre_attn_scalar", "bos_token_id"),
            *("eos_token_id", "use_bidirectional_attention"),
        ),
        attention=tuple(f"self_attn.{name}_proj" for name in "qkvo"),
        feed_forward=_GATED,
        layers="layers",
        tokenizer="sentencepiece",
        arithmetic={
            **_OWN_CODE,
            "use_bidirectional_attention": True,
            "num_key_value_heads": 1,
            "attention_bias": False,
            "attn_logit_softcapping": None,
            "hidden_activation": "gelu_pytorch_tanh",
        },
        faults=(kind_faults, rotary_faults),
        projected=True,
        title="EmbeddingGemma",
        asked="task: search result | query: {question}",
        npu=True,
    ),
    "modernbert": Family(
        required=(*_SIZES[:-1], "intermediate_size", "norm_eps", "hidden_act", "local_attention"),
        attention=("attn.Wqkv", "attn.Wo"),
        feed_forward=("mlp.Wi", "mlp.Wo"),
        layers="layers",
        arithmetic={
            **_OWN_CODE,
            **dict.fromkeys(("attention_bias", "mlp_bias", "norm_bias"), False),
            "per_layer_config": None,
        },
        activations=_GELU,
        names={"hidden_act": "hidden_activation", "layer_norm_eps": "norm_eps"},
        faults=(kind_faults, rotary_faults, split_faults, window_faults),
        taken="with the first",
    ),
    "qwen3": Family(
        required=(*_GROUPED, "hidden_act"),
        attention=tuple(f"self_attn.{name}_proj" for name in "qkvo"),
        feed_forward=_GATED,
        layers="layers",
        arithmetic={
            **_OWN_CODE,
            **dict.fromkeys(("attention_bias", "use_sliding_window"), False),
            "hidden_act": "silu",
            "per_layer_config": None,
        },
        faults=(full_faults, grouped_faults, rotary_faults),
        title="Qwen3-Embedding",
        asked=(
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\\n"
            "Query:{question}"
        ),
    ),
    "embedding_gemma2_text": Family(
        required=(
            *(*_GROUPED, "hidden_activation", "sliding_window", "hidden_size_per_layer_input"),
            *("embedding_dim", "bos_token_id", "eos_token_id"),
        ),
        attention=tuple(f"self_attn.{name}_proj" for name in "qkvo"),
        feed_forward=(
            *("ple_block.per_layer_input_gate", "ple_block.per_layer_projection"),
            *_GATED,
        ),
        layers="layers",
        tokenizer="sentencepiece",
        arithmetic={**_OWN_CODE, "attention_bias": False, "hidden_activation": "gelu_pytorch_tanh"},
        faults=(kind_faults, grouped_faults, per_layer_faults, rotary_faults),
        output="embedding_dim",
        taken="none",
        title="EmbeddingGemma 2",
        asked="task: search result | query: {question}",
    ),
}


class Tower(NamedTuple):
    """The part of a model of several kinds of input that reads texts."""

    config: str
    """Where its configuration stands in config.json."""
    family: str
    prefixes: tuple[str, ...]
    """How its weights begin, the longest first."""


#: `model_type` of a config.json -> what of the model can be exported (`pocketrag.reference.text_tower`).
TOWERS = {
    "embedding_gemma2": Tower(
        "text_config", "embedding_gemma2_text", ("model.language_model.", "language_model.")
    ),
}


def plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `config.json` with every setting also under the name that most families call it by."""
    family = CAPABILITIES.get(str(config.get("model_type")))
    if family is None:
        return dict(config)
    named = {name: config[own] for name, own in family.names.items() if own in config}
    return {**config, **named, **family.fixed}


def positions(config: Mapping[str, Any]) -> int | None:
    """Return how many tokens a text may have by the table of positions; None where it has no such table."""
    family, rows = CAPABILITIES.get(str(config.get("model_type"))), config.get("max_position_embeddings")
    if family is None or rows is None or "max_position_embeddings" not in family.required:
        return None
    return int(rows) - (int(config.get("pad_token_id", 0)) + 1 if family.behind_padding else 0)
