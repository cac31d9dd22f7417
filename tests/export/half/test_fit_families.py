"""ModernBERT, Qwen3 and EmbeddingGemma 2 that leave fp16 are brought back, and float32 never moves by a bit."""

import pytest
import torch
from pocketrag.export.half.fit import rescaled
from pocketrag.export.model.encoder import Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder
from tests.export.half.fits import fits
from tests.export.half.overflowing import spoiled
from tests.random_embedders import make_embedder

LINES = ["the king moves one square", "the rook moves along files and ranks", "the clock stops at noon"] * 8
#: Family -> what passes 65 504 -> the weights that are scaled for it, and by how much.
CASES = {
    "modernbert": {
        "the embeddings": ("tok_embeddings", 1e6),
        "the first norm": ("embeddings.norm", 1e4),
        "scores": ("layers.2.attn_norm", 3e5),
        "what attention makes": ("layers.1.attn.Wo", 1e5),
        "what a feed-forward makes": ("layers.2.mlp.Wo", 1e5),
        "products of a feed-forward": ("layers.1.mlp_norm", 3e3),
        "the last norm": ("final_norm", 1e5),
    },
    "qwen3": {
        "the table": ("embed_tokens", 1e5),
        "queries, and their squares": ("layers.1.self_attn.q_proj", 3e3),
        "values": ("layers.0.self_attn.v_proj", 1e5),
        "what attention makes": ("layers.1.self_attn.o_proj", 1e5),
        "products of a feed-forward": ("layers.0.mlp.up_proj", 1e6),
        "what a feed-forward makes": ("layers.2.mlp.down_proj", 1e5),
        "the last norm": ("^norm", 1e5),
    },
    # The gate to the embeddings reads hidden states as they are, so these may not be as large as Gemma 3's.
    "embedding_gemma2_text": {
        "the table": ("embed_tokens", 3e2),
        "the embeddings of all layers": ("ple.per_layer_model_projection", 1e5),
        "the hidden states behind an attention": ("layers.1.post_attention_layernorm", 5e2),
        "the hidden states behind a feed-forward": ("layers.0.post_feedforward_layernorm", 5e2),
        "the hidden states behind the third part": ("layers.5.ple_block.post_per_layer_input_norm", 5e2),
        "queries, and their squares": ("layers.0.self_attn.q_proj", 3e3),
        "what attention makes": ("layers.5.self_attn.o_proj", 3e4),
        "products of a feed-forward": ("layers.0.mlp.up_proj", 1e6),
        "what a feed-forward makes": ("layers.1.mlp.down_proj", 1e4),
        "what the third part makes": ("layers.3.ple_block.per_layer_projection", 3e4),
        "the last norm": ("^norm", 1e5),
        "the last matrix": ("^embedding_projection", 2e4),
    },
}
#: What no norm stands before is as large in the scores: nothing helps these.
HOPELESS = {"scores of modernbert", "the first norm of modernbert"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("half")
    # Padding stands at 0 here, as the vocabulary's other texts do not hold it.
    return {
        family: make_embedder(family, folder / family, LINES, pad_token_id=0, initializer_range=0.15)
        for family in CASES
    }


@pytest.mark.parametrize(("family", "what"), [(family, what) for family, cases in CASES.items() for what in cases])  # fmt: skip
def test_one_that_leaves_fp16_is_brought_back(folders, tmp_path, family, what):
    folder = spoiled(folders[family], tmp_path / family, dict([CASES[family][what]]))
    exponents, facts, plain, scaled = fits(folder)
    assert facts.largest_difference == 0
    assert facts.fits == (f"{what} of {family}" not in HOPELESS)
    if facts.fits:
        assert not (plain > 0.99).all()  # NaN is not greater
        assert scaled.min() > 0.9999 and facts.least_cosine > 0.9999
        assert facts.largest <= facts.limit < facts.largest_before
        assert any(min(found, default=0) < 0 for found in exponents.values())


@pytest.mark.parametrize("family", CASES)
def test_what_fits_is_left_alone(folders, family):
    exponents, facts, plain, _ = fits(folders[family])
    assert plain.min() > 0.999 and facts.fits and facts.largest == facts.largest_before
    assert not any(map(any, exponents.values()))
    before = Encoder(read_embedder(folders[family]), 128).state_dict()
    after = rescaled(read_embedder(folders[family]), 128, None, exponents).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
