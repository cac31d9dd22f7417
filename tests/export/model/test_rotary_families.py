"""Every family against transformers' own class: random weights, several seeds, every length, padding, and what LiteRT computes."""

import shutil

import numpy as np
import pytest
import torch
from pocketrag.export.model.encoder import FAMILIES
from pocketrag.export.model.weights import Weights
from safetensors.torch import load_file, save_file

from pocketrag.errors import InputError
from tests.random_models import TOKENS, config_of, edit_config, random_model

LONGEST = 512
#: Tokens, and the length they are padded to: below the window of 16, at its edges, and far beyond.
SIZES = ((1, 16), (9, 16), (16, 16), (17, 32), (18, 32), (33, 64), (100, 128), (5, 512), (512, 512))
ROTARY = ("modernbert", "qwen3", "embedding_gemma2_text")


@pytest.fixture(scope="module", params=[(family, seed) for family in ROTARY for seed in range(3)], ids=str)
def made(request, tmp_path_factory):
    family, seed = request.param
    folder = tmp_path_factory.mktemp(family)
    return folder, random_model(family, folder, seed)


def ours(folder):
    config = config_of(folder)
    return FAMILIES[config["model_type"]](config, Weights(folder), LONGEST, 0).eval()


def text(tokens, length):
    """Token ids int32 [1, L], any id as padding, and the mask float [L]."""
    generator = torch.Generator().manual_seed(tokens)
    ids = torch.randint(TOKENS[0], TOKENS[-1] + 1, (1, length), generator=generator, dtype=torch.int32)
    return ids, (torch.arange(length) < tokens).float()


def both(exported, model, tokens, length):
    ids, mask = text(tokens, length)
    alone = ids[:, :tokens].long()
    with torch.no_grad():
        theirs = model(input_ids=alone, attention_mask=torch.ones_like(alone)).last_hidden_state[0]
        return exported(ids, mask), theirs


def same(found, wanted):
    assert bool(torch.isfinite(found).all())
    found = found[: len(wanted)]
    assert torch.nn.functional.cosine_similarity(found, wanted).min() > 0.99999
    assert (found - wanted).abs().max() < 5e-4 * wanted.abs().max()


def test_equals_transformers_at_every_length(made):
    folder, model = made
    exported = ours(folder)
    for tokens, length in SIZES:
        same(*both(exported, model, tokens, length))


@pytest.mark.parametrize(
    ("family", "other"),
    [
        ("modernbert", {"global_attn_every_n_layers": 2}),
        ("modernbert", {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 70.0}}}),
        ("modernbert", {"layer_types": ["sliding_attention", "full_attention", "sliding_attention", "sliding_attention"]}),
        ("modernbert", {"local_attention": 17, "hidden_activation": "gelu_pytorch_tanh"}),
        ("qwen3", {"num_key_value_heads": 4}),
        ("qwen3", {"num_key_value_heads": 1, "head_dim": 8, "rope_theta": 100.0}),
        ("embedding_gemma2_text", {"num_key_value_heads": 4, "num_global_key_value_heads": 2, "sliding_window": 5}),
        ("embedding_gemma2_text", {"sliding_window_pattern": 2, "global_head_dim": 16}),
        ("embedding_gemma2_text", {"per_layer_config": {}}),
    ],
)  # fmt: skip
def test_other_sizes_windows_and_angles(tmp_path, family, other):
    model = random_model(family, tmp_path, 7, **other)
    exported = ours(tmp_path)
    for tokens, length in ((30, 64), (100, 128)):
        same(*both(exported, model, tokens, length))


#: Family -> keys of its older config.json, in place of what transformers writes today, and what is written today.
OLDER = {
    "modernbert": ({"global_attn_every_n_layers": 3, "global_rope_theta": 800.0, "local_rope_theta": 90.0, "rope_scaling": {}},
                   ("layer_types", "rope_parameters")),
    "qwen3": ({"rope_theta": 1e6}, ("layer_types", "rope_parameters")),
    "embedding_gemma2_text": ({"global_head_dim": 32, "num_global_key_value_heads": 1, "sliding_window_pattern": 3},
                              ("layer_types", "rope_parameters", "per_layer_config")),
}  # fmt: skip


@pytest.mark.parametrize("family", ROTARY)
def test_older_spellings_of_a_configuration(tmp_path, family):
    from transformers import AutoModel

    older, newer = OLDER[family]
    made_with = {key: value for key, value in older.items() if key != "rope_scaling"}
    random_model(family, tmp_path, 4, **made_with)
    edit_config(tmp_path, **{**dict.fromkeys(newer), **older})
    same(*both(ours(tmp_path), AutoModel.from_pretrained(tmp_path).eval(), 60, 64))


def test_weights_are_read_strictly(made, tmp_path):
    folder = shutil.copytree(made[0], tmp_path / "model")
    tensors = load_file(folder / "model.safetensors")

    def refused(changed, words):
        save_file(changed, folder / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(InputError, match=words):
            ours(folder)

    for name in tensors:
        refused({n: t for n, t in tensors.items() if n != name}, f"lack '{name}'")
    refused({**tensors, "layers.1.extra.weight": torch.zeros(2)}, "1 weights are not used")
    for name in ("norm.weight", "mlp", "attn"):
        hit = next(n for n in tensors if "layers.1." in n and name in n)
        refused({**tensors, hit: tensors[hit][:-1].contiguous()}, "the config says")
        refused({**tensors, hit: torch.full_like(tensors[hit], float("nan"))}, "NaN")


class Summed(torch.nn.Module):
    """The hidden states of a text whose padding is the id 0, as one vector."""

    def __init__(self, folder):
        super().__init__()
        self.inner = ours(folder)

    def forward(self, ids):
        mask = (ids[0] != 0).float()
        return (mask / mask.sum()).reshape(1, -1) @ self.inner(ids, mask)


LENGTHS = (16, 32, 128)


@pytest.fixture(scope="module", params=ROTARY)
def converted(request, tmp_path_factory):
    from pocketrag.export.model.lower import with_signatures

    folder = tmp_path_factory.mktemp(request.param)
    random_model(request.param, folder, 5)
    module, file = Summed(folder).eval(), folder / "model.tflite"
    with_signatures(module, LENGTHS, str(file))
    return module, file


def test_litert_computes_the_same(converted):
    from pocketrag.runtime.litert import Compiled

    module, file = converted
    with torch.no_grad():
        model = Compiled(file, LENGTHS, module(torch.ones((1, 16), dtype=torch.int32)).shape[1], 2)
    for tokens, length in ((1, 16), (16, 16), (5, 32), (30, 32), (2, 128), (40, 128), (128, 128)):
        ids, mask = text(tokens, length)
        ids = (ids * mask).int()
        found = model(ids.numpy())
        with torch.no_grad():
            wanted = module(ids)[0].numpy()
        assert np.isfinite(found).all() and np.abs(found - wanted).max() < 1e-3 * np.abs(wanted).max()
        assert found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted) > 0.99999


def test_only_the_lookup_and_the_mask_stay_outside_xnnpack(converted):
    """An operation in the middle that XNNPACK does not take cuts the graph in each layer."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(converted[1]), num_threads=1)
    interpreter.allocate_tensors()
    names = [op["op_name"] for op in interpreter._get_ops_details()]
    assert names.count("DELEGATE") == 1
