"""The `.tflite` of a table: the contract's signatures, what PyTorch computes, and the float32 table but for rounding."""

import shutil

import numpy as np
import pytest
import torch
from pocketrag.export.static.app_model import write_app_model
from pocketrag.export.static.table_model import TableModel
from safetensors.numpy import load_file, save_file

from pocketrag.cli.commands.static import static
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.tflite import weights_by_type
from pocketrag.reference.int8_rows import quantize_rows
from pocketrag.reference.model2vec import StaticModel
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.bench.damage import edit_json
from tests.conftest import once


def unmarked(model, folder):
    """A tokenizer as trimming leaves it: special tokens are pieces, none is marked."""
    shutil.copytree(model, folder)
    edit_json(folder / "tokenizer.json", lambda t: [row.update(special=False) for row in t["added_tokens"]])
    return folder


@pytest.fixture(scope="session", params=["bert", "gemma", "unmarked"])
def made(request, tmp_path_factory, tiny_bert, tiny_gemma):
    def make(folder):
        models = {"bert": tiny_bert, "gemma": tiny_gemma}
        model = models.get(request.param) or unmarked(tiny_gemma, folder / "trimmed")
        static(str(model), out=str(folder / "out"))

    return once(tmp_path_factory, f"static-{request.param}", make) / "out"


def test_it_computes_the_table(made):
    spec = EmbedderSpec.model_validate_json((made / "embedder.json").read_text())
    lite, table = LiteRtEmbedder(made, spec), StaticModel(made)
    torch_model = TableModel(*quantize_rows(table.table))
    for text in ("the king moves", "what if the clock falls on the board ?", "queen " * 40):
        found = lite.embed(text)
        assert found @ table.encode([text])[0] >= 0.999 and abs(np.linalg.norm(found) - 1) < 1e-5
        ids = lite.ids(text)
        assert np.abs(found - torch_model(torch.tensor([ids], dtype=torch.int32)).numpy()[0]).max() < 1e-5
        longer = lite.embed_ids(ids, spec.lengths[-1])
        assert found @ longer > 0.999999, "padding counts for nothing"
    assert weights_by_type(made / "embedder.tflite")["int8"] == table.table.size
    assert spec.quantization == "int8" and spec.dims == table.dims


def test_a_text_without_a_known_token_is_zero_and_not_nan(made):
    spec = EmbedderSpec.model_validate_json((made / "embedder.json").read_text())
    assert not LiteRtEmbedder(made, spec).embed_ids([0]).any()


def test_no_app_where_padding_has_a_vector(made, tmp_path):
    folder = shutil.copytree(made, tmp_path / "made")
    tensors = load_file(folder / "model.safetensors")
    tensors["embeddings"][~tensors["embeddings"].any(axis=1)] = 1
    save_file(tensors, folder / "model.safetensors")
    assert "every token has a vector" in write_app_model(folder, made)
