"""ModernBERT, Qwen3 and EmbeddingGemma 2: what tuning reaches, what rounding reaches, and which of their layers a student may have."""

import pytest
import torch
from pocketrag.export.model.encoder import Encoder
from pocketrag.training.model.adapters import open_trainable
from pocketrag.training.model.fake_quantization import round_weights
from pocketrag.training.students.start_of_layers import start_of_layers

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.tokenizer import padded
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.train import Train
from pocketrag.reference import float_model
from tests.random_embedders import make_embedder

TEXT = "the king moves along files"
#: Family -> matrices of a layer, layers.
REACHED = {"modernbert": (4, 4), "qwen3": (7, 3), "embedding_gemma2_text": (9, 7)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("adapters")
    lines = ["the king moves one square", "the rook moves along files and ranks"] * 8
    return {family: make_embedder(family, root / family, lines) for family in REACHED}


@pytest.mark.parametrize("family", REACHED)
def test_the_adapter_reaches_every_matrix_of_the_layers(folders, family):
    matrices, layers = REACHED[family]
    model = open_trainable(folders[family], Train(rank=4))
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert all("lora_" in name for name in trained)
    assert len({name.rsplit(".lora_")[0] for name in trained}) == matrices * layers


@pytest.mark.parametrize("family", REACHED)
def test_rounding_reaches_them_too(folders, family):
    matrices, layers = REACHED[family]
    model = float_model.load_float(folders[family])
    assert round_weights(model, quantization("int8")) >= matrices * layers


@pytest.mark.parametrize(("family", "layers"), [("modernbert", (0, 2, 3)), ("qwen3", (1, 2))])
def test_a_student_of_some_layers_is_an_embedder(folders, tmp_path, family, layers):
    assert start_of_layers(folders[family], layers, tmp_path / "start", "students.x.layers") == layers
    embedder = read_embedder(tmp_path / "start")
    twin, encoder = float_model.load_float(embedder.folder), Encoder(embedder, 64).eval()
    ids = padded(twin.tokenizer(TEXT)["input_ids"], 64, encoder.padding)
    with torch.no_grad():
        found = encoder(torch.tensor([ids], dtype=torch.int32))[0].numpy()
    assert found @ float_model.encode(twin, [TEXT])[0] > 0.99999


@pytest.mark.parametrize(
    ("family", "layers", "words"),
    [
        ("modernbert", (1, 2), "0 must be among them"),
        ("embedding_gemma2_text", (0, 1), "layers are taken from"),
    ],
)
def test_layers_that_no_student_can_have(folders, tmp_path, family, layers, words):
    with pytest.raises(InputError, match=words):
        start_of_layers(folders[family], layers, tmp_path / "start", "students.x.layers")
    assert not (tmp_path / "start").exists()
