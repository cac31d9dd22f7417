"""Encoders that leave fp16: unscaled they give no numbers or wrong ones, scaled they do, and float32 never moves by a bit."""

import pytest
import torch
from pocketrag.export.half.exponents import LARGEST
from pocketrag.export.half.fit import RESCALERS, fit, rescaled
from pocketrag.export.half.peaks import measure, padded
from pocketrag.export.model.encoder import FAMILIES, Encoder
from pocketrag.export.model.gemma3 import Gemma3
from safetensors.torch import load_file

from pocketrag.errors import GateError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from tests.conftest import make_bert
from tests.export.half.fits import LENGTHS, fits, texts
from tests.export.half.overflowing import spoiled
from tests.gemma import make_gemma

LINES = ["the king moves one square", "the rook moves along files and ranks", "the clock stops at noon"] * 8
#: What passes 65 504 -> the weights that are scaled for it, and by how much.
GEMMA = {
    "the hidden states behind a feed-forward": ("layers.0.post_feedforward_layernorm", 2e4),
    "the hidden states behind an attention": ("layers.1.post_attention_layernorm", 2e4),
    "the table": ("embed_tokens", 1e5),
    "queries, and their squares": ("layers.0.self_attn.q_proj", 3e3),
    "values": ("layers.0.self_attn.v_proj", 1e5),
    "what attention makes": ("layers.1.self_attn.o_proj", 3e3),
    "products of the feed-forward": ("layers.0.mlp.up_proj", 1e6),
    "what the feed-forward makes": ("layers.1.mlp.down_proj", 1e4),
    "the last norm": ("^norm", 1e5),
}
BERT = {
    "the embeddings": ("word_embeddings", 1e6),
    "an attention half": ("layer.0.attention.output.dense", 1e6),
    "a feed-forward half": ("layer.1.output.dense", 1e6),
    "what a norm passes on": ("layer.0.output.LayerNorm", 3e4),
    "the last norm": ("layer.1.output.LayerNorm", 1e5),
}
#: A LayerNorm's results that large give scores that large: nothing helps these.
HOPELESS = {"what a norm passes on"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("half")
    return {"gemma": make_gemma(folder / "gemma", LINES, 330), "bert": make_bert(folder / "bert", tokens=128)}


@pytest.mark.parametrize("what", GEMMA)
def test_a_gemma_that_leaves_fp16_is_brought_back(folders, tmp_path, what):
    exponents, facts, plain, scaled = fits(spoiled(folders["gemma"], tmp_path / "gemma", dict([GEMMA[what]])))
    assert not (plain > 0.99).all()  # NaN is not greater
    assert scaled.min() > 0.9999 and facts.least_cosine > 0.9999
    assert facts.largest_difference == 0 and facts.largest <= facts.limit < facts.largest_before
    assert facts.fits and any(min(found) < 0 for found in exponents.values())


@pytest.mark.parametrize("what", BERT)
def test_a_bert_that_leaves_fp16_is_brought_back_where_that_can_be(folders, tmp_path, what):
    exponents, facts, plain, scaled = fits(spoiled(folders["bert"], tmp_path / "bert", dict([BERT[what]])))
    assert not (plain > 0.99).all() and facts.largest_difference == 0
    assert any(min(found) < 0 for found in exponents.values())
    assert facts.fits == (what not in HOPELESS)
    if facts.fits:
        assert scaled.min() > 0.9999 and facts.largest <= facts.limit < facts.largest_before


@pytest.mark.parametrize(("family", "smaller"), [("gemma", "down_proj"), ("bert", "output.dense")])
def test_what_fits_is_left_alone(folders, tmp_path, family, smaller):
    folder = spoiled(folders[family], tmp_path / family, {smaller: 0.2})
    exponents, facts, plain, _ = fits(folder)
    assert plain.min() > 0.999 and facts.fits and facts.largest == facts.largest_before
    assert not any(map(any, exponents.values()))
    encoder = Encoder(read_embedder(folder), 128)
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    after = rescaled(read_embedder(folder), 128, None, exponents).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.fixture
def overflowing(folders, tmp_path):
    return spoiled(folders["gemma"], tmp_path / "gemma", dict([GEMMA["products of the feed-forward"]]))


def change(monkeypatch, **parts):
    monkeypatch.setitem(RESCALERS, Gemma3, RESCALERS[Gemma3]._replace(**parts))


def test_scaling_that_moves_a_vector_ends_the_stage(overflowing, monkeypatch):
    def apply(encoder, exponents):
        encoder.transformer.layers[0].gate.weight.data.mul_(0.5)  # a power of two, but not through a GELU

    change(monkeypatch, apply=apply)
    with pytest.raises(GateError, match=r"powers of two for fp16 moved a vector in float32 by \d"):
        fit(read_embedder(overflowing), LENGTHS, None, *texts(overflowing))


def test_what_still_does_not_fit_is_said(overflowing, monkeypatch):
    choose = RESCALERS[Gemma3].choose
    change(
        monkeypatch,
        choose=lambda *seen: {name: [0] * len(found) for name, found in choose(*seen).items()},
    )
    _, facts = fit(read_embedder(overflowing), LENGTHS, None, *texts(overflowing))
    assert not facts.fits and facts.least_cosine is None and facts.largest == facts.largest_before > LARGEST
    assert facts.largest_in.startswith("transformer.layers.0.")


def test_a_text_that_is_larger_than_all_that_calibrated_is_seen(overflowing):
    calibrating, checking = texts(overflowing)
    exponents, _ = fit(read_embedder(overflowing), LENGTHS, None, calibrating, checking)
    encoder = rescaled(read_embedder(overflowing), 128, None, exponents)
    encoder.transformer.table.weight.data[7] *= 1e3
    peaks, _ = measure(encoder, [[2, 7, 1]], LENGTHS, "One text")
    assert peaks.largest > LARGEST and "sum of squares" in peaks.where


def test_padding_of_zeros_is_another_tokens_row_and_no_text_notices(folders):
    embedder = read_embedder(folders["gemma"])
    encoder = Encoder(embedder, 128).eval()
    table = encoder.transformer.table.weight
    assert not load_file(embedder.folder / "model.safetensors")["embed_tokens.weight"][0].any()
    assert torch.equal(table[0], table[1])
    ids = padded(encoder, [2, 9, 8, 7, 1], LENGTHS)
    with torch.no_grad():
        found = encoder(ids)
        table[0] = 0
        assert torch.equal(encoder(ids), found)


def test_every_family_says_where_its_powers_of_two_go():
    assert set(RESCALERS) == set(FAMILIES.values())
