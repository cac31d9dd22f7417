"""The text tower of a model that also sees: the same states of texts, as an embedder of its own."""

import json
import subprocess
import sys

import pytest
import torch

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.reference import float_model
from pocketrag.reference.text_tower import take_text_tower
from tests.random_embedders import make_whole_gemma2


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    lines = ["the king moves one square", "the rook moves along files and ranks"] * 8
    return make_whole_gemma2(tmp_path_factory.mktemp("tower") / "whole", lines)


def test_it_gives_the_states_of_the_whole_model(whole, tmp_path):
    from pocketrag.export.model.encoder import Encoder
    from transformers import AutoModel

    with pytest.raises(InputError, match=r"pocketrag\.reference\.text_tower"):
        read_embedder(whole)
    done = subprocess.run(
        [sys.executable, "-m", "pocketrag.reference.text_tower", str(whole), str(tmp_path / "text")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(tmp_path / "text")
    embedder = read_embedder(tmp_path / "text")
    assert embedder.family == "embedding_gemma2_text" and embedder.width == 40
    twin, seeing = float_model.load_float(embedder.folder), AutoModel.from_pretrained(whole).eval()
    ids = torch.tensor([twin.tokenizer("the king moves along files")["input_ids"]])
    with torch.no_grad():
        wanted = seeing(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1)[0]
        found = Encoder(embedder, 32).eval()(ids.int())[0]
    alone = torch.from_numpy(float_model.encode(twin, ["the king moves along files"])[0])
    for vector in (found, alone):
        assert torch.nn.functional.cosine_similarity(vector, wanted, dim=0) > 0.99999


def test_what_it_refuses(whole, tmp_path):
    with pytest.raises(InputError, match="exists already"):
        take_text_tower(whole, tmp_path)
    file = whole / "sentence_bert_config.json"
    before = file.read_text()
    file.write_text(json.dumps({"modality_config": {"text": {"method": "get_text_features"}}}))
    with pytest.raises(InputError, match="get_text_features"):
        take_text_tower(whole, tmp_path / "out")
    file.write_text(before)
    assert not list(tmp_path.iterdir())
    text = take_text_tower(whole, tmp_path / "text")
    with pytest.raises(InputError, match="no model of several kinds"):
        take_text_tower(text, tmp_path / "again")
