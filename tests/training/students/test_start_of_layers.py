"""The start of a student with layers: the chosen layers of the full model and nothing else, and its head as one map."""

import itertools
import json
import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.training.students.choose_layers import chosen_layers
from pocketrag.training.students.start_of_layers import merged_head, start_of_layers

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder, read_embedder
from pocketrag.reference import float_model
from tests.gemma import make_gemma

KEY = "students.deep.layers"
TEXTS = ["the king moves", "the clock falls when the flag 12 is on the board", "x"]


@pytest.fixture(scope="module")
def gemma(tmp_path_factory):
    """Six layers, of which every third is a full one, in bfloat16 and two shards as hubs have them."""
    from safetensors.torch import load_file, save_file

    folder = make_gemma(
        tmp_path_factory.mktemp("start") / "gemma", ["the king moves when the clock falls"] * 20, 400
    )
    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    chance = torch.Generator().manual_seed(1)
    for layer in range(2, 6):
        for name in [name for name in weights if name.startswith("layers.1.")]:
            noise = torch.randn(weights[name].shape, generator=chance) * 0.3
            weights[name.replace("layers.1.", f"layers.{layer}.")] = weights[name] + noise
    kinds = [f"{'full' if n % 3 == 2 else 'sliding'}_attention" for n in range(6)]
    config |= {"num_hidden_layers": 6, "layer_types": kinds, "sliding_window": 8}
    (folder / "config.json").write_text(json.dumps(config))
    halves = (
        [name for name in weights if name.startswith("layers.")],
        [n for n in weights if "layers." not in n],
    )
    named = {name: f"model-{part + 1:05}-of-00002.safetensors" for part in (0, 1) for name in halves[part]}
    for part in (0, 1):
        save_file(
            {name: weights[name].bfloat16() for name in halves[part]},
            folder / f"model-{part + 1:05}-of-00002.safetensors",
            metadata={"format": "pt"},
        )
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": named}))
    return folder


def sliced(folder, layers):
    """The same by hand: the library's own model with layers taken out of it."""
    model = float_model.load_float(folder)
    inner = model[0].model
    stack = inner.layers if hasattr(inner, "layers") else inner.encoder.layer
    kept = torch.nn.ModuleList(stack[n] for n in layers)
    if hasattr(inner, "layers"):
        inner.layers = kept
        inner.config.layer_types = [inner.config.layer_types[n] for n in layers]
    else:
        inner.encoder.layer = kept
    inner.config.num_hidden_layers = len(layers)
    return float_model.encode(model, TEXTS)


@pytest.mark.parametrize(
    ("asked", "layers"), [(3, (0, 1, 5)), ((1, 2, 4), (1, 2, 4)), (1, (5,)), (6, (0, 1, 2, 3, 4, 5))]
)
def test_a_gemma_is_sliced_as_by_hand(gemma, tmp_path, asked, layers):
    assert start_of_layers(gemma, asked, 48, tmp_path / "start", KEY) == layers
    found = read_embedder(tmp_path / "start")
    assert len(found.config["layer_types"]) == len(layers) and len(found.dense) == 1
    vectors = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS)
    assert vectors == pytest.approx(sliced(gemma, layers), abs=1e-5)
    for name in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json"):
        assert (tmp_path / "start" / name).read_bytes() == (gemma / name).read_bytes()


@pytest.mark.parametrize("dims", [32, 8])
def test_a_bert_is_sliced_as_by_hand(tiny_bert, tmp_path, dims):
    """It has no head; where the full model ships fewer dims, one cuts its vectors."""
    assert start_of_layers(tiny_bert, (0,), dims, tmp_path / "start", KEY) == (0,)
    assert len(read_embedder(tmp_path / "start").dense) == (dims < 32)
    vectors = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS)
    wanted = sliced(tiny_bert, (0,))[:, :dims]
    assert vectors == pytest.approx(wanted / np.linalg.norm(wanted, axis=1, keepdims=True), abs=1e-5)


def test_fewer_dims_are_the_first_rows_of_the_head(gemma, tmp_path):
    start_of_layers(gemma, 2, 20, tmp_path / "start", KEY)
    vectors = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS)
    wanted = sliced(gemma, (0, 5))[:, :20]
    assert vectors == pytest.approx(wanted / np.linalg.norm(wanted, axis=1, keepdims=True), abs=1e-5)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(0, 2**16))
def test_maps_one_behind_another_are_one_map(widths, seed):
    chance = np.random.default_rng(seed)
    maps = [chance.integers(-9, 10, (b, a)) for a, b in itertools.pairwise(widths)]
    wanted = maps[0]
    for matrix in maps[1:]:
        wanted = matrix @ wanted
    found = merged_head([torch.tensor(matrix, dtype=torch.float32) for matrix in maps])
    assert np.array_equal(found.numpy(), wanted.astype(np.float32)), "whole numbers are exact in float64"


@given(st.integers(1, 40), st.integers(1, 45))
def test_a_number_of_layers_is_the_first_ones_and_the_last(there, asked):
    full = Embedder(None, {"model_type": "bert", "num_hidden_layers": there}, "mean", (), 8, {}, frozenset())
    if asked > there:
        with pytest.raises(InputError, match=rf"`students.deep.layers`: the base has {there} layers"):
            chosen_layers(full, asked, KEY)
        return
    chosen = chosen_layers(full, asked, KEY)
    assert len(chosen) == asked and chosen[-1] == there - 1 and chosen[:-1] == tuple(range(asked - 1))
    assert chosen == chosen_layers(full, chosen, KEY)


@pytest.mark.parametrize("layers", [3, (0, 2), (7,)])
def test_layers_that_do_not_exist(tiny_bert, tmp_path, layers):
    with pytest.raises(InputError, match=r"`students\.deep\.layers`: the base has 2 layers, 0 to 1"):
        start_of_layers(tiny_bert, layers, 32, tmp_path / "start", KEY)
    assert not (tmp_path / "start").exists()


def test_a_family_that_is_not_known(tiny_bert, tmp_path):
    base = shutil.copytree(tiny_bert, tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "model_type": "roberta"}))
    with pytest.raises(
        InputError, match="layers are taken from gemma3_text and bert, and the base is a roberta"
    ):
        start_of_layers(base, 1, 32, tmp_path / "start", KEY)
