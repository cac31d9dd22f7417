"""Each setting of ModernBERT, Qwen3 and EmbeddingGemma 2 is read, refused by `check`, or of no consequence; none is overlooked."""

import pytest

from pocketrag.formats.embedder.capabilities import model_faults
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES
from tests.random_embedders import make_embedder
from tests.random_models import MAKERS, config_of, edit_config

LINES = ["the king moves one square", "the clock stops at noon"] * 8
#: Read by the export besides what `CAPABILITIES` requires.
READ = {
    "modernbert": {"hidden_activation", "layer_types", "rope_parameters", "pad_token_id"},
    "qwen3": {"layer_types", "rope_parameters", "pad_token_id"},
    "embedding_gemma2_text": {"layer_types", "rope_parameters", "pad_token_id", "per_layer_config"},
}
#: Changes nothing of what is computed for a text: how it was trained, heads that are not there, numbers that
#: the tokenizer has, a limit that only checks, and a window that is switched off.
IDLE = {
    "modernbert": {
        *("initializer_range", "initializer_cutoff_factor", "attention_dropout", "embedding_dropout", "mlp_dropout"),
        *("decoder_bias", "classifier_pooling", "classifier_dropout", "classifier_bias", "classifier_activation"),
        *("deterministic_flash_attn", "sparse_prediction", "sparse_pred_ignore_index", "tie_word_embeddings"),
        *("eos_token_id", "bos_token_id", "cls_token_id", "sep_token_id", "max_position_embeddings"),
    },
    "qwen3": {
        *("initializer_range", "attention_dropout", "use_cache", "tie_word_embeddings", "sliding_window", "max_window_layers"),
        *("eos_token_id", "bos_token_id", "max_position_embeddings"),
    },
    "embedding_gemma2_text": {"initializer_range", "attention_dropout", "max_position_embeddings"},
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("settings")
    return {family: make_embedder(family, root / family, LINES) for family in MAKERS}


@pytest.fixture
def folder(folders, tmp_path):
    import shutil

    return lambda family: shutil.copytree(folders[family], tmp_path / family)


def faults(folder):
    return list(model_faults(read_embedder(folder)))


@pytest.mark.parametrize("family", MAKERS)
def test_every_field_of_transformers_own_class_is_accounted_for(family):
    import dataclasses

    from transformers import PreTrainedConfig

    config, known = type(MAKERS[family]().config), CAPABILITIES[family]
    fields = {f.name for f in dataclasses.fields(config)} - {
        f.name for f in dataclasses.fields(PreTrainedConfig)
    }
    required = {known.setting(name) for name in known.required}
    accounted = required | set(known.arithmetic) | READ[family] | IDLE[family]
    assert len(fields) > 10 and not fields - accounted


@pytest.mark.parametrize("family", MAKERS)
def test_a_missing_setting_is_named(folder, family):
    made, known = folder(family), CAPABILITIES[family]
    assert not faults(made)
    whole = config_of(made)
    for name in known.required:
        key = known.setting(name)
        edit_config(made, **{**whole, key: None})
        assert any(f"{key} is missing" in fault for fault in faults(made)), key


PLAIN = {"rope_type": "default", "rope_theta": 1e4}
REFUSED = [
    *((family, {"auto_map": {"AutoModel": "x.py"}}, "auto_map") for family in MAKERS),
    *((family, {"rope_scaling": {"rope_type": "yarn", "factor": 4}}, "rope_type = 'yarn'") for family in MAKERS),
    *((family, {"partial_rotary_factor": 0.5}, "partial_rotary_factor = 0.5") for family in MAKERS),
    ("modernbert", {"attention_bias": True}, "attention_bias = True"),
    ("modernbert", {"mlp_bias": True}, "mlp_bias = True"),
    ("modernbert", {"norm_bias": True}, "norm_bias = True"),
    ("modernbert", {"hidden_activation": "silu"}, "hidden_activation = 'silu'"),
    ("modernbert", {"layer_types": ["full_attention"] * 3}, "does not name a kind for each"),
    ("modernbert", {"layer_types": ["full_attention"] * 3 + ["chunked_attention"]}, "'chunked_attention'"),
    ("modernbert", {"rope_parameters": {"full_attention": {**PLAIN, "factor": 2.0}}}, "factor = 2.0"),
    ("modernbert", {"local_rope_theta": "10000"}, "local_rope_theta = '10000'"),
    ("modernbert", {"num_attention_heads": 5}, "does not divide"),
    ("modernbert", {"per_layer_config": {"1": {"num_attention_heads": 2}}}, "per_layer_config"),
    ("qwen3", {"attention_bias": True}, "attention_bias = True"),
    ("qwen3", {"use_sliding_window": True}, "use_sliding_window = True"),
    ("qwen3", {"hidden_act": "gelu"}, "hidden_act = 'gelu'"),
    ("qwen3", {"layer_types": ["full_attention", "sliding_attention", "full_attention"]}, "another kind"),
    ("qwen3", {"num_key_value_heads": 3}, "does not divide"),
    ("qwen3", {"rope_parameters": {"rope_theta": 1e6, "rope_type": "linear", "factor": 2}}, "'linear'"),
    ("qwen3", {"per_layer_config": {"1": {"skip": ["mlp"]}}}, "per_layer_config"),
    ("embedding_gemma2_text", {"attention_bias": True}, "attention_bias = True"),
    ("embedding_gemma2_text", {"hidden_activation": "silu"}, "hidden_activation = 'silu'"),
    ("embedding_gemma2_text", {"per_layer_config": {"6": {"intermediate_size": 8}}}, "intermediate_size"),
    ("embedding_gemma2_text", {"per_layer_config": {"1": {"head_dim": 8}}}, "other heads"),
    ("embedding_gemma2_text", {"per_layer_config": {"5": {"num_key_value_heads": 3}, "6": {"num_key_value_heads": 3}}}, "does not divide"),
    ("embedding_gemma2_text", {"layer_types": ["full_attention"] * 2}, "does not name a kind for each"),
]  # fmt: skip


@pytest.mark.parametrize(("family", "values", "words"), REFUSED)
def test_other_arithmetic_is_refused_and_named(folder, family, values, words):
    found = faults(edit_config(folder(family), **values))
    assert len(found) >= 1 and any(words in fault and "config.json" in fault for fault in found), found
