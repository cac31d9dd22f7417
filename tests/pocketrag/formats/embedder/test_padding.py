"""Which id pads: never the one that a tokenizer puts around each text, whose state may be the vector."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.padding import padding_of
from tests.random_embedders import make_embedder


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    return make_embedder("qwen3", tmp_path_factory.mktemp("padding") / "qwen", ["the king moves"] * 8)


def test_qwen_ends_each_text_with_its_padding_token_and_is_padded_with_another(qwen):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(qwen)
    assert tokenizer("the king")["input_ids"][-1] == tokenizer.pad_token_id
    found = padding_of(read_embedder(qwen))
    assert found not in tokenizer("the king moves !")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(found) == "<|im_end|>"


def test_without_another_special_token_it_is_refused(qwen):
    file = qwen / "tokenizer.json"
    whole = json.loads(before := file.read_text("utf-8"))
    whole["added_tokens"] = [token for token in whole["added_tokens"] if token["content"] == "<|endoftext|>"]
    file.write_text(json.dumps(whole))
    with pytest.raises(InputError, match=r"puts its padding token '<\|endoftext\|>' around every text"):
        padding_of(read_embedder(qwen))
    file.write_text(before)


def test_modernbert_pads_with_its_own(tmp_path):
    folder = make_embedder("modernbert", tmp_path / "m", ["the king moves"] * 8)
    embedder = read_embedder(folder)
    assert padding_of(embedder) == embedder.config["pad_token_id"] > 256
