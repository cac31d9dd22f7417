"""Every key that transformers' own configuration of a family has: changed, it changes nothing, is followed, or is refused."""

import json
from itertools import chain

import numpy as np
import pytest
import torch
from pocketrag.export.model.encoder import Encoder
from transformers import AutoConfig, AutoModel

from pocketrag.errors import PocketragError
from pocketrag.formats.embedder.capabilities import model_faults
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.tokenizer import padded
from tests.gemma import make_gemma
from tests.random_embedders import make_embedder
from tests.tiny_families import FAMILIES, make_family

LINES = [
    "The king moves on the board.",
    "A clock stops when the flag falls.",
    "Rooks and bishops are pieces.",
] * 40
ROTARY = ("modernbert", "qwen3", "embedding_gemma2_text")
#: Keys whose value is no number, no truth and no list: others that they can have.
OTHERS = {
    "hidden_act": ["relu", "silu", "gelu_pytorch_tanh"],
    "hidden_activation": ["relu", "silu", "gelu"],
    "activation": ["relu", "silu"],
    "position_embedding_type": ["relative_key", "relative_key_query"],
    "rope_scaling": [{"rope_type": "linear", "factor": 2.0}],
    "rope_parameters": [{"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}],
    "attn_logit_softcapping": [2.0],
    "final_logit_softcapping": [2.0],
    "sliding_window": [2, 5],
    "auto_map": [{"AutoModel": "modeling.Own"}],
    "per_layer_config": [{"0": {"head_dim": 8}}],
    "classifier_pooling": ["mean"],
    "problem_type": ["regression"],
    "dtype": ["float16"],
}
#: What says which model it is, and what is no key of a config.json.
NAMES = {"model_type", "architectures", "transformers_version", "_name_or_path", "id2label", "label2id"}
#: Texts as ids, of all families: their first tokens are special ones, which no text holds in its midst.
IDS = [[*range(20, 20 + n)] for n in (1, 5, 30)]


@pytest.fixture(scope="module", params=[*FAMILIES, *ROTARY, "gemma3_text"])
def folder(request, tmp_path_factory):
    made = tmp_path_factory.mktemp("keys") / "made"
    if request.param in FAMILIES:
        return make_family(made, request.param, 3)
    return (
        make_embedder(request.param, made, LINES) if request.param in ROTARY else make_gemma(made, LINES, 300)
    )


def values(key, value):
    """Return others than `value` that a key can have."""
    if key in OTHERS:
        return OTHERS[key]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value * 2] if value else [1]
    if isinstance(value, float):
        return [value * 1.5 + 0.1]
    if isinstance(value, list) and key == "layer_types":
        return [list(reversed(value)), ["full_attention"] * len(value)]
    return []


def theirs(folder):
    """Return transformers' states of each text, float32 [L, d]; None where it can't load the folder so."""
    try:
        model, loaded = AutoModel.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    except Exception:  # a shape that does not fit its weights, a name it does not know
        return None
    if loaded["missing_keys"] or loaded["mismatched_keys"]:  # it takes random ones then
        return None
    with torch.no_grad():
        return [
            model.eval()(input_ids=torch.tensor([ids]), return_dict=True).last_hidden_state[0].numpy()
            for ids in IDS
        ]


def ours(folder):
    """Return the same by what is exported; None where it is refused."""
    try:
        embedder = read_embedder(folder)
        if any(model_faults(embedder)):
            return None
        encoder, found = Encoder(embedder, 32), []
        transformer = encoder.transformer.eval()
        with torch.no_grad():
            for ids in IDS:
                mask = (torch.arange(32) < len(ids)).float()
                row = torch.tensor([padded(ids, 32, encoder.padding)], dtype=torch.int32)
                found.append(transformer(row, mask)[: len(ids)].numpy())
        return found
    except PocketragError:
        return None


def same(found, wanted):
    rows = zip(chain(*found), chain(*wanted), strict=True)
    return min(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) for a, b in rows) > 0.99999


def other_configs(folder):
    """Yield what is changed, and the config.json: each key of transformers' own once with others of its values, and once not there."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    whole = {**dict.fromkeys(OTHERS), **AutoConfig.from_pretrained(folder).to_dict(), **config}
    for key in sorted(whole.keys() - NAMES):
        for value in values(key, whole[key]):
            yield f"{key} = {value!r}", {**config, key: value}
        if key in config:
            yield f"no {key}", {name: value for name, value in config.items() if name != key}


def test_no_key_is_ignored_that_counts(folder):
    assert same(ours(folder), theirs(folder))
    ignored, followed, refused = [], 0, 0
    for what, config in list(other_configs(folder)):
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        found = ours(folder)
        wanted = None if found is None else theirs(folder)
        refused += found is None
        followed += wanted is not None
        if wanted is not None and not same(found, wanted):
            ignored.append(what)
    assert ignored == []
    assert followed > 20 and refused > 5
