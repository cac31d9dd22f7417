"""Which layers of a model see all tokens and which the near ones, with which angles, by its config.json.

transformers writes `layer_types` and `rope_parameters` today, and reads the families' older keys as they are
read here (the configuration classes of modernbert, qwen3, gemma3 and embedding_gemma2, transformers 5.23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FULL, SLIDING = "full_attention", "sliding_attention"
#: Bases of the rotary angles where a config.json has none: those of transformers' own classes.
MODERNBERT_BASES = {FULL: 160_000.0, SLIDING: 10_000.0}
GEMMA_BASES = {FULL: 1_000_000.0, SLIDING: 10_000.0}
#: Of EmbeddingGemma 2's layers that see all tokens.
GLOBAL_HEAD, GLOBAL_GROUPS = 512, 1


class Heads(NamedTuple):
    """Of one layer."""

    size: int
    groups: int
    """Key-value heads."""


def modernbert_kinds(config: Mapping[str, Any]) -> list[str]:
    """Return each layer's kind."""
    every = int(config.get("global_attn_every_n_layers", 3))
    return _listed(config) or [SLIDING if i % every else FULL for i in _layers(config)]


def modernbert_bases(config: Mapping[str, Any]) -> dict[str, float]:
    """Return the base of the rotary angles of each kind."""
    older = {FULL: "global_rope_theta", SLIDING: "local_rope_theta"}
    return _bases(config, {kind: config.get(key, MODERNBERT_BASES[kind]) for kind, key in older.items()})


def qwen3_base(config: Mapping[str, Any]) -> float:
    """Return the base of the rotary angles."""
    return float((config.get("rope_parameters") or config).get("rope_theta", 10_000.0))


def gemma3_kinds(config: Mapping[str, Any]) -> list[str]:
    """Return each layer's kind."""
    every = int(config.get("sliding_window_pattern", 6))
    return _listed(config) or [SLIDING if (i + 1) % every else FULL for i in _layers(config)]


def gemma3_bases(config: Mapping[str, Any]) -> dict[str, float]:
    """Return the base of the rotary angles of each kind."""
    older = {FULL: "rope_theta", SLIDING: "rope_local_base_freq"}
    return _bases(config, {kind: config.get(key, GEMMA_BASES[kind]) for kind, key in older.items()})


def gemma2_kinds(config: Mapping[str, Any]) -> list[str]:
    """Return each layer's kind; the last one sees all tokens, whatever is said."""
    return [*gemma3_kinds(config)[:-1], FULL]


def gemma2_bases(config: Mapping[str, Any]) -> dict[str, float]:
    """Return the base of the rotary angles of each kind."""
    return _bases(config, GEMMA_BASES)


def gemma2_heads(config: Mapping[str, Any]) -> list[Heads]:
    """Return the heads of each layer: those that see all tokens have others."""
    if (said := config.get("per_layer_config")) is None:
        wide = {
            "head_dim": config.get("global_head_dim", GLOBAL_HEAD),
            "num_key_value_heads": config.get("num_global_key_value_heads", GLOBAL_GROUPS),
        }
        said = {str(i): wide for i, kind in enumerate(gemma2_kinds(config)) if kind == FULL}
    layers = [{**config, **said.get(str(i), {})} for i in _layers(config)]
    return [Heads(int(layer["head_dim"]), int(layer["num_key_value_heads"])) for layer in layers]


def kind_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `layer_types` says that can't be exported."""
    kinds = config.get("layer_types")
    if kinds is None:
        return
    if not isinstance(kinds, list) or len(kinds) != config.get("num_hidden_layers"):
        yield "layer_types does not name a kind for each of num_hidden_layers"
    elif other := sorted({str(kind) for kind in kinds} - {FULL, SLIDING}):
        yield f"layer_types names {other[0]!r}, and can be exported with {FULL!r} and {SLIDING!r}"


def full_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield that a layer of a family whose layers all see everything does not."""
    if set(config.get("layer_types") or [FULL]) != {FULL}:
        yield f"layer_types names another kind than {FULL!r}, the only one that can be exported"


def rotary_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of the rotary embeddings is more than a base: scaled, partial or other angles."""
    if config.get("partial_rotary_factor") not in (None, 1, 1.0):
        yield f"partial_rotary_factor = {config['partial_rotary_factor']!r} can't be exported"
    for key in ("rope_scaling", "rope_parameters"):
        yield from _plain(key, config.get(key))
    for key in ("rope_theta", "rope_local_base_freq", "global_rope_theta", "local_rope_theta"):
        if key in config and not _number(config[key]):
            yield f"{key} = {config[key]!r} is no base of rotary angles"


def per_layer_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `per_layer_config` changes beside the heads, or where layers of one kind differ."""
    said = config.get("per_layer_config")
    if said is None:
        return
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        yield "per_layer_config must name layers by number"
        return
    known = {"head_dim", "num_key_value_heads"}
    if other := sorted({key for one in said.values() for key in one} - known):
        yield f"per_layer_config: {other[0]} can't be exported, only {sorted(known)}"
    elif not any(kind_faults(config)):
        yield from _uneven(config)


def grouped_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield that query heads can't be shared out evenly among key-value heads."""
    heads, groups = config.get("num_attention_heads"), config.get("num_key_value_heads")
    if isinstance(heads, int) and (not isinstance(groups, int) or groups < 1 or heads % groups):
        yield f"num_key_value_heads = {groups!r} does not divide the {heads} of num_attention_heads"


def split_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield that the hidden size can't be split among the heads, where it decides the heads' size."""
    hidden, heads = config.get("hidden_size"), config.get("num_attention_heads")
    if isinstance(hidden, int) and (not isinstance(heads, int) or heads < 1 or hidden % heads):
        yield f"num_attention_heads = {heads!r} does not divide the {hidden} of hidden_size"


def window_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield that two keys give a ModernBERT's window: transformers takes the second, and writes the first."""
    radius, width = config.get("sliding_window"), config.get("local_attention")
    if radius is not None and (not isinstance(width, int) or radius != width // 2):
        yield f"sliding_window = {radius!r} can't be exported, only half of local_attention = {width!r}"


def _uneven(config: Mapping[str, Any]) -> Iterator[str]:
    pairs = set(zip(gemma2_kinds(config), gemma2_heads(config), strict=True))
    if len(pairs) > len({kind for kind, _ in pairs}):
        yield "per_layer_config gives layers of one kind other heads; their rotary angles would differ"
    heads = int(config["num_attention_heads"])
    if odd := next((one.groups for _, one in sorted(pairs) if one.groups < 1 or heads % one.groups), None):
        yield f"per_layer_config: num_key_value_heads = {odd} does not divide {heads}"


def _plain(where: str, said: Any) -> Iterator[str]:  # noqa: ANN401 - what JSON holds
    if said is None:
        return
    if not isinstance(said, dict):
        yield f"{where} = {said!r} can't be exported"
        return
    for key, value in said.items():
        if key in (FULL, SLIDING):
            yield from _plain(f"{where}.{key}", value)
        elif key in ("rope_type", "type"):
            if value != "default":
                yield f"{where}: {key} = {value!r} can't be exported, only 'default'"
        elif key != "rope_theta" or not _number(value):
            yield f"{where}: {key} = {value!r} can't be exported"


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _bases(config: Mapping[str, Any], otherwise: Mapping[str, Any]) -> dict[str, float]:
    said = config.get("rope_parameters") or {}
    return {kind: float((said.get(kind) or {}).get("rope_theta", base)) for kind, base in otherwise.items()}


def _listed(config: Mapping[str, Any]) -> list[str]:
    return [str(kind) for kind in config.get("layer_types") or ()]


def _layers(config: Mapping[str, Any]) -> range:
    return range(int(config["num_hidden_layers"]))
