"""Trimming Unigram and byte-level BPE of a `tokenizer.json`, on a tiny BERT that carries such a tokenizer."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.export.vocabulary.base_vocabulary import read_vocabulary
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from pocketrag.errors import InputError
from pocketrag.formats.embedder.app_tokenizer import lacks
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference import float_model
from tests.conftest import make_data, make_recipe
from tests.gradle_bundle import json_models
from tests.verbs import trim

TRIM = '[trim]\ntokens = {tokens}\nlanguages = ["fr", "en"]\nwords = 300\n'
KINDS = ("xlm-roberta", "sentencepiece converted", "roberta", "modernbert", "qwen")


def embedder(folder: Path, bert: Path, kind: str) -> Path:
    """Copy a tiny BERT with another tokenizer, and a row of the table for each of its tokens and a few more."""
    shutil.copytree(bert, folder)
    row = json_models.KINDS[kind]()
    (folder / "tokenizer.json").write_text(json.dumps(row))
    names = {token["content"] for token in row["added_tokens"]}
    pad = next((name for name in ("<pad>", "[PAD]", "<|endoftext|>", "<|padding|>") if name in names), None)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": pad, "model_max_length": 64})
    )
    for name in ("vocab.txt", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)
    tensors = load_file(folder / "model.safetensors")
    table = next(name for name in tensors if name.endswith("word_embeddings.weight"))
    size = Tokenizer.from_str(json.dumps(row)).get_vocab_size() + 3
    torch.manual_seed(1)
    tensors[table] = torch.randn(size, tensors[table].shape[1])
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": size}))
    return folder


@pytest.fixture(scope="module", params=KINDS)
def trimmed(request, tiny_bert, tmp_path_factory):
    root = tmp_path_factory.mktemp("json")
    base = embedder(root / "base", tiny_bert, request.param)
    recipe = make_recipe(make_data(tmp_path_factory.mktemp("data")), base, extra=TRIM.format(tokens=900))
    return base, str(recipe), trim(str(recipe), work=str(root / "work"))


def both(trimmed):
    base, _, facts = trimmed
    folder = Path(facts["folder"])
    tokenizers = [Tokenizer.from_file(str(place / "tokenizer.json")) for place in (base, folder)]
    whole, small = (load_file(place / "model.safetensors") for place in (base, folder))
    name = next(name for name in whole if name.endswith("word_embeddings.weight"))
    return *tokenizers, whole[name], small[name]


def test_rows_follow_their_tokens(trimmed):
    """Each token's row is the base's row of the same token; added tokens are all there, and the phone reads what was written."""
    whole, small, old, new = both(trimmed)
    assert new.shape[0] == small.get_vocab_size() == trimmed[2]["tokens"]["after"] == 900
    for id_ in range(900):
        assert new[id_].equal(old[whole.token_to_id(small.id_to_token(id_))])
    assert {t.content for t in whole.get_added_tokens_decoder().values()} == {
        t.content for t in small.get_added_tokens_decoder().values()
    }
    folder = Path(trimmed[2]["folder"])
    assert lacks(folder / "tokenizer.json", "tokenizer.json") == []
    assert json.loads((folder / "config.json").read_text())["vocab_size"] == 900
    special = [whole.encode("").ids, small.encode("").ids]
    assert [whole.id_to_token(i) for i in special[0]] == [small.id_to_token(i) for i in special[1]]


def test_vectors_are_those_of_the_base(trimmed):
    base, recipe, facts = trimmed
    prompts = prompts_of(read_recipe(recipe))
    texts = [prompts.ask("what moves if king 0 meets rook ?"), prompts.passage("", "the king on the rook")]
    ours, theirs = (
        float_model.encode(float_model.load_float(Path(folder)), texts) for folder in (facts["folder"], base)
    )
    assert np.allclose(ours, theirs, atol=1e-5)


def test_facts_count_every_text_as_before(trimmed):
    facts = trimmed[2]
    assert facts["texts_that_spell_a_special_token"] == 0
    assert sum(facts["kept"].values()) == 900 and facts["held_out"]["folds"]["tokens"] > 0


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["the", " ", "king", "è", "時計", "👍🏽", "<mask>", "\u0301", "12", "'s", "\n", "ﬁ", "กฎ"]
        ),
        max_size=12,
    ).map("".join)
    | st.text(max_size=20)
)
def test_texts_of_kept_tokens_stay_as_they_were_and_others_fall_back(trimmed, text):
    whole, small, _, _ = both_cached(trimmed)
    if "\x00" in text or any("\ud800" <= letter < "\ue000" for letter in text):
        return
    before = [whole.id_to_token(id_) for id_ in whole.encode(text).ids]
    after = [small.id_to_token(id_) for id_ in small.encode(text).ids]
    kept = small.get_vocab()
    if all(name in kept for name in before):
        assert after == before
    elif "unk_id" not in json.loads(small.to_str())["model"]:
        # Bytes spell all: the same letters in shorter pieces.
        assert "".join(after) == "".join(before)


_CACHE: dict = {}


def both_cached(trimmed):
    if id(trimmed) not in _CACHE:
        _CACHE.clear()
        _CACHE[id(trimmed)] = both(trimmed)
    return _CACHE[id(trimmed)]


def test_a_unigram_keeps_the_price_of_the_unknown(tiny_bert, tmp_path):
    vocabulary = read_vocabulary(embedder(tmp_path / "base", tiny_bert, "xlm-roberta"))
    least = min(vocabulary.pieces.scores)
    assert any(vocabulary.pieces.scores[id_] == least for id_ in vocabulary.special)


def test_closure_spells(tiny_bert, tmp_path):
    """A byte-level piece comes with its way from bytes, a Unigram piece with its characters."""
    for kind in ("roberta", "xlm-roberta"):
        pieces = read_vocabulary(embedder(tmp_path / kind, tiny_bert, kind)).pieces
        name = next(n for n in reversed(pieces.names) if len(n) > 4 and n.isalpha())
        closure = {pieces.names[id_] for id_ in pieces.closure(pieces.ids[name])}
        assert name in closure and {letter for letter in name if letter in pieces.ids} <= closure


def test_word_piece_is_refused(data, tiny_bert, tmp_path):
    with pytest.raises(InputError, match="a WordPiece vocabulary can't be trimmed"):
        trim(str(make_recipe(data, tiny_bert, extra=TRIM.format(tokens=60))), work=str(tmp_path))


def test_what_the_phone_would_refuse_is_refused(data, tiny_bert, tmp_path):
    base = embedder(tmp_path / "base", tiny_bert, "roberta")
    row = json.loads((base / "tokenizer.json").read_text())
    row["model"]["ignore_merges"] = True
    (base / "tokenizer.json").write_text(json.dumps(row))
    with pytest.raises(InputError, match="ignore_merges of the BPE model"):
        trim(str(make_recipe(data, base, extra=TRIM.format(tokens=900))), work=str(tmp_path / "work"))
