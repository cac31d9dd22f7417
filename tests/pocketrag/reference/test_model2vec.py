"""The reader of Model2Vec's folders against the package itself, and on folders of its later forms."""

import json

import model2vec
import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from pocketrag.errors import InputError
from pocketrag.reference.model2vec import StaticModel, is_static

TEXTS = ["king queen", "queen", "nobody", "", "king king rook unheard"]


def folder_of(folder, tensors):
    folder.mkdir(exist_ok=True)
    words = {"[UNK]": 0, "king": 1, "queen": 2, "rook": 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(tensors, folder / "model.safetensors")
    config = {"model_type": "model2vec", "normalize": True, "max_length": None}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def table(rows=4):
    return np.random.default_rng(0).normal(size=(rows, 8)).astype(np.float32)


FORMS = {
    "plain": {"embeddings": table()},
    "half": {"embeddings": table().astype(np.float16)},
    "mapped": {"embeddings": table(2), "mapping": np.array([0, 1, 1, 0])},
    "weighted": {
        "embeddings": table(2),
        "mapping": np.array([0, 1, 1, 0]),
        "weights": np.array([1, 0.5, 2, 1], np.float32),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_as_the_package_does(form, tmp_path):
    folder = folder_of(tmp_path / "m", FORMS[form])
    theirs = model2vec.StaticModel.from_pretrained(folder).encode(TEXTS)
    assert np.abs(StaticModel(folder).encode(TEXTS) - theirs).max() < (1e-3 if form == "half" else 1e-6)


def test_the_mean_of_known_tokens_at_unit_length(tmp_path):
    folder = folder_of(tmp_path / "m", FORMS["plain"])
    assert is_static(folder) and not is_static(tmp_path)
    found = StaticModel(folder).encode(TEXTS)
    wanted = table()[[1, 1, 3]].mean(0)
    assert np.allclose(found[4], wanted / np.linalg.norm(wanted), atol=1e-6) and not found[2:4].any()


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"others": table()}, "no readable table"),
        ({"embeddings": table(3)}, "has 4 tokens and only 3 vectors"),
        ({"embeddings": np.full((4, 8), np.nan, np.float32)}, "NaN"),
    ],
)
def test_damaged_tables(tensors, said, tmp_path):
    with pytest.raises(InputError, match=said):
        StaticModel(folder_of(tmp_path / "m", tensors))
