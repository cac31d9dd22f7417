"""Each family of BERT's kind against transformers' and SentenceTransformer's own: same weights, same ids, same vectors."""

import numpy as np
import pytest
import torch
from pocketrag.export.model.encoder import Encoder
from pocketrag.export.model.relative import buckets
from safetensors.torch import load_file, save_file

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.padding import padding_of
from pocketrag.formats.tokenizer import padded
from pocketrag.reference import float_model
from tests.tiny_families import FAMILIES, PADS, TEXTS, edit_json, make_family

LENGTHS = (8, 16, 33, 64)
HEADS = {
    "none": ((), True),
    "no Normalize": ((), False),
    "bias": (((16, True, "identity"),), True),
    "LaBSE": (((32, True, "tanh"),), True),
    "distiluse": (((24, True, "tanh"),), False),
    "two affine": (((48, True, "identity"), (16, True, "identity")), True),
    "tanh between": (((48, False, "tanh"), (16, True, "identity"), (12, False, "identity")), True),
    "two tanh": (((48, True, "identity"), (40, True, "tanh"), (12, True, "tanh")), False),
}


def least(folder, lengths=LENGTHS, dims=None):
    """Return the least cosine to SentenceTransformer over all texts, each through every length that holds it."""
    twin, embedder = float_model.load_float(folder).eval(), read_embedder(folder)
    encoder, found = Encoder(embedder, lengths[-1], dims).eval(), []
    theirs = float_model.encode(twin, list(TEXTS))[:, :dims]
    for text, wanted in zip(TEXTS, theirs, strict=True):
        ids = twin.tokenizer(text)["input_ids"]
        assert encoder.padding not in ids
        for length in (size for size in lengths if size >= len(ids)):
            with torch.no_grad():
                ours = encoder(torch.tensor([padded(ids, length, encoder.padding)], dtype=torch.int32))[
                    0
                ].numpy()
            found.append(float(ours @ wanted / np.linalg.norm(wanted)))
            assert abs(np.linalg.norm(ours) - 1) < 1e-5
    assert len(found) > len(TEXTS) * 2
    return min(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_length_equals_sentence_transformers(tmp_path, family, pooling, seed):
    folder = make_family(tmp_path / "made", family, seed, pooling)
    assert padding_of(read_embedder(folder)) == PADS[family]
    assert least(folder) >= 0.999999


@pytest.mark.parametrize("head", HEADS)
def test_what_lies_behind_the_pooling(tmp_path, head):
    dense, normalize = HEADS[head]
    folder = make_family(tmp_path / "made", "distilbert", 5, dense=dense, normalize=normalize)
    assert read_embedder(folder).normalized == normalize
    assert least(folder) >= 0.999999
    assert least(folder, dims=8) >= 0.999999


def test_layers_without_anything_between_them_are_one_matrix(tmp_path):
    made = {
        name: make_family(tmp_path / str(n), "bert", 1, dense=HEADS[name][0]) for n, name in enumerate(HEADS)
    }
    counts = {name: len(Encoder(read_embedder(folder), 16).dense) for name, folder in made.items()}
    assert counts == {
        "none": 0, "no Normalize": 0, "bias": 1, "LaBSE": 1, "distiluse": 1, "two affine": 1, "tanh between": 2, "two tanh": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("family", "changes"), [
    ("distilbert", {"sinusoidal_pos_embds": True}),
    ("distilbert", {"activation": "relu"}),
    ("bert", {"hidden_act": "gelu_new"}),
    ("roberta", {"hidden_act": "gelu_pytorch_tanh"}),
    ("xlm-roberta", {"type_vocab_size": 2}),
    ("roberta", {"layer_norm_eps": 1e-5}),
    ("mpnet", {"num_attention_heads": 2}),
])  # fmt: skip
def test_settings_that_are_known(tmp_path, family, changes):
    assert least(make_family(tmp_path / "made", family, 4, **changes)) >= 0.999999


def test_distances_beyond_the_last_bucket(tmp_path):
    """MPNet's logarithmic buckets end at 128 tokens; where one begins, float32's rounding decides."""
    folder = make_family(tmp_path / "made", "mpnet", 7, tokens=400)
    twin = float_model.load_float(folder)
    encoder = Encoder(read_embedder(folder), 400).eval()
    ids = torch.randint(5, 100, (390,), generator=torch.Generator().manual_seed(1)).tolist()
    wanted = float_model.encode_ids(twin, ids)
    for length in (390, 400):
        with torch.no_grad():
            found = encoder(torch.tensor([padded(ids, length, 1)], dtype=torch.int32))[0].numpy()
        assert found @ wanted > 0.999999


def test_buckets_are_those_of_transformers():
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

    distances = torch.arange(-1200, 1200)
    assert torch.equal(buckets(distances), MPNetEncoder.relative_position_bucket(distances))


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_are_read_strictly(tmp_path, family):
    folder = make_family(tmp_path / "made", family)
    file = folder / "model.safetensors"
    tensors = load_file(file)
    ignored = [name for name in tensors if name.startswith("pooler.")]
    for name in sorted(set(tensors) - set(ignored)):
        save_file(
            {key: value for key, value in tensors.items() if key != name}, file, metadata={"format": "pt"}
        )
        with pytest.raises(InputError, match=f"lack '{name}'"):
            Encoder(read_embedder(folder), 16)
    save_file({**tensors, "encoder.more": torch.zeros(2)}, file, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"1 weights are not used by the export, such as 'encoder.more'"):
        Encoder(read_embedder(folder), 16)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prefix_of_an_outer_class_is_dropped(tmp_path, family):
    folder = make_family(tmp_path / "made", family)
    plain = least(folder)
    file, kind = folder / "model.safetensors", read_embedder(folder).family
    prefix = {"xlm-roberta": "roberta."}.get(kind, f"{kind}.")
    save_file(
        {prefix + name: value for name, value in load_file(file).items()}, file, metadata={"format": "pt"}
    )
    assert least(folder) == pytest.approx(plain, abs=1e-6)


def test_a_dense_layer_for_another_width_is_refused(tmp_path):
    folder = make_family(tmp_path / "made", "bert", dense=((16, True, "tanh"),))
    file = next(folder.glob("2_*")) / "model.safetensors"
    tensors = load_file(file)
    save_file({**tensors, "linear.weight": torch.zeros(16, 31)}, file, metadata={"format": "pt"})
    with pytest.raises(InputError, match="takes 31 numbers, and what comes before it gives 32"):
        Encoder(read_embedder(folder), 16)


def test_a_position_more_than_there_are_is_never_asked_for(tmp_path):
    """XLM-RoBERTa's 514 rows are 512 positions: the first two belong to the padding."""
    folder = make_family(tmp_path / "made", "xlm-roberta")
    edit_json(folder / "sentence_bert_config.json", max_seq_length=66)
    assert read_embedder(folder).max_tokens == 64
