"""The layers that a student starts from: the chosen ones of the full model and nothing else."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.training.check_students import refuse_students
from pocketrag.training.students.choose_layers import chosen_layers
from pocketrag.training.students.start_of_layers import start_of_layers
from sentence_transformers import SentenceTransformer

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder, read_embedder
from pocketrag.recipe.students import LayersStudent, StaticStudent
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
    kept = [module for module in model if type(module).__name__ != "Dense"]
    return float_model.encode(SentenceTransformer(modules=kept), TEXTS)


@pytest.mark.parametrize(
    ("asked", "layers"), [(3, (0, 1, 2)), ((1, 2, 5), (1, 2, 5)), (1, (0,)), (6, (0, 1, 2, 3, 4, 5))]
)
def test_a_gemma_is_sliced_as_by_hand(gemma, tmp_path, asked, layers):
    assert start_of_layers(gemma, asked, tmp_path / "start", KEY) == layers
    found = read_embedder(tmp_path / "start")
    assert len(found.config["layer_types"]) == len(layers) and not found.dense
    vectors = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS)
    assert vectors == pytest.approx(sliced(gemma, layers), abs=1e-5)
    for name in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json"):
        assert (tmp_path / "start" / name).read_bytes() == (gemma / name).read_bytes()


def test_a_bert_is_sliced_as_by_hand(tiny_bert, tmp_path):
    assert start_of_layers(tiny_bert, (1,), tmp_path / "start", KEY) == (1,)
    vectors = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS)
    assert vectors == pytest.approx(sliced(tiny_bert, (1,)), abs=1e-5)


@given(st.integers(1, 40), st.integers(1, 45))
def test_a_number_of_layers_is_the_first_ones(there, asked):
    full = Embedder(None, {"model_type": "bert", "num_hidden_layers": there}, "mean", (), 8, {}, frozenset())
    if asked > there:
        with pytest.raises(InputError, match=rf"`students.deep.layers`: the base has {there} layers"):
            chosen_layers(full, asked, KEY)
        return
    chosen = chosen_layers(full, asked, KEY)
    assert chosen == tuple(range(asked)) == chosen_layers(full, chosen, KEY)


@pytest.mark.parametrize("layers", [3, 10**12, (0, 2), (7,)])
def test_layers_that_do_not_exist(tiny_bert, tmp_path, layers):
    with pytest.raises(InputError, match=r"`students\.deep\.layers`: the base has 2 layers, 0 to 1"):
        start_of_layers(tiny_bert, layers, tmp_path / "start", KEY)
    assert not (tmp_path / "start").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"layers": 9}, r"`students\.deep\.layers`: the base has 2 layers"),
        ({"layers": 1, "lengths": (16, 128)}, r"`students\.deep\.lengths`: 128 is more than the 64 tokens"),
    ],
)
def test_what_the_base_lacks_is_told_before_the_teacher_is_asked(tiny_bert, settings, said):
    project = SimpleNamespace(
        recipe=SimpleNamespace(students={"deep": LayersStudent(**settings), "small": StaticStudent()}),
        base=tiny_bert,
        start_of=lambda name: None,
    )
    refuse_students(project, ["small"])
    with pytest.raises(InputError, match=said):
        refuse_students(project, ["small", "deep"])


def test_a_family_that_is_not_known(tiny_bert, tmp_path):
    base = shutil.copytree(tiny_bert, tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "model_type": "electra"}))
    with pytest.raises(InputError, match=r"layers are taken from .* and the base is a electra"):
        start_of_layers(base, 1, tmp_path / "start", KEY)
