"""Costs counted from files, against formulas written out by hand."""

import pytest
from pocketrag.bench.prediction.architecture import EMBEDDINGGEMMA, MINILM, Architecture, cost_of
from pocketrag.bench.prediction.cost import costs

from pocketrag.errors import InputError

#: tests/conftest.py's make_bert and tests/gemma.py's make_gemma; the fixture keeps 64 of the 96 dims.
TINY_BERT = Architecture(2, 32, 4, 4, 8, 64)
TINY_GEMMA = Architecture(2, 96, 3, 1, 32, 64, gated=True)


@pytest.mark.parametrize("length", [16, 32])
def test_bert_by_hand(tiny_bundle, length):
    found = costs(tiny_bundle / "embedder.tflite")[f"embed_{length}"]
    # Per token and layer: query, key and value 32 x 96, output 32 x 32, feed-forward 32 x 64 twice.
    assert found.macs["int8"] == found.integer == 2 * length * (32 * 96 + 32 * 32 + 2 * 32 * 64)
    # Per layer 4 heads of 8: scores and their weighted sum; then the mean over tokens of 32 values.
    assert found.macs["float32"] == found.floating == 2 * 2 * 4 * 8 * length**2 + length * 32


@pytest.mark.parametrize("length", [16, 32])
def test_bert_by_formula(tiny_bundle, length):
    found, formula = costs(tiny_bundle / "embedder.tflite")[f"embed_{length}"], cost_of(TINY_BERT, length)
    assert found.macs == formula.macs
    # Random weights have norms of weight 1 and bias 0, which the converter leaves out: two steps of each of 5 norms.
    assert found.operations == formula.operations - 10
    assert found.elements == formula.elements - 10 * 32 * length
    # Biases, norms, positions and constants are not in the formula; they weigh much in so small a model.
    assert found.weight_bytes * 0.7 < formula.weight_bytes < found.weight_bytes


def test_the_table_is_not_read(tiny_bundle):
    short, long = (costs(tiny_bundle / "embedder.tflite")[f"embed_{length}"] for length in (16, 32))
    # 16 rows more of the int8 table and 16 more positions of float32, 32 wide; a few constants hold the length itself.
    assert long.weight_bytes - short.weight_bytes == 16 * 32 + 16 * 32 * 4
    assert long.activation_bytes > 2 * short.activation_bytes


@pytest.mark.parametrize("length", [16, 32])
def test_gemma_by_formula(gemma_built, length):
    folder, _ = gemma_built
    found = costs(folder / "work/tiny/bundle/tiny/embedder.tflite")[f"embed_{length}"]
    # q, k, v of 3 + 1 + 1 heads of 32; output; gate, up, down.
    layers = 2 * length * (96 * 160 + 96 * 96 + 3 * 96 * 64)
    assert TINY_GEMMA.weights * length == layers
    assert found.integer == layers + 96 * 64
    assert {"int4", "int8"} <= set(found.macs)  # the recipe keeps the most sensitive layers in int8
    assert found.floating == cost_of(TINY_GEMMA, length).floating
    # Fresh norms have weight 1, which the converter leaves out of all 9 of them; and 64 dims instead of 96 end in three steps.
    assert found.operations == cost_of(TINY_GEMMA, length).operations - 9
    assert found.elements == cost_of(TINY_GEMMA, length).elements - 9 * 96 * length - 3 * (96 - 64)


def test_known_architectures():
    """By hand: the weights of EmbeddingGemma's and MiniLM's layers, and 256 tokens of each."""
    assert (
        EMBEDDINGGEMMA.weights
        == 24 * (768 * 3 * 256 + 2 * 768 * 256 + 3 * 256 * 768 + 3 * 768 * 1152)
        == 101_449_728
    )
    assert MINILM.weights == 6 * (4 * 384**2 + 2 * 384 * 1536) == 10_616_832
    cost = cost_of(EMBEDDINGGEMMA, 256)
    assert cost.macs == {"int8": 256 * 101_449_728 + 768**2, "float32": 24 * 2 * 3 * 256 * 256**2 + 256 * 768}
    assert cost_of(MINILM, 256).macs == {
        "int8": 256 * 10_616_832,
        "float32": 6 * 2 * 384 * 256**2 + 256 * 384,
    }
    assert cost_of(MINILM, 64, bits=4).weight_bytes * 2 == cost_of(MINILM, 64).weight_bytes
    assert cost_of(MINILM, 64, bits=32).macs.keys() == {"float32"}
    assert cost_of(MINILM, 64, context=128).floating > cost_of(MINILM, 64).floating


@pytest.mark.parametrize("content", [b"", b"no model", b"\x1c\x00\x00\x00TFL3" + b"\xff" * 64])
def test_no_model(tmp_path, content):
    (tmp_path / "a.tflite").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tflite: LiteRT can't open it"):
        costs(tmp_path / "a.tflite")


def test_no_signature(tiny_bundle, tmp_path):
    from ai_edge_litert import schema_py_generated as schema
    from flatbuffers import Builder

    model = schema.ModelT.InitFromPackedBuf((tiny_bundle / "embedder.tflite").read_bytes(), 0)
    model.signatureDefs = []
    builder = Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    (tmp_path / "a.tflite").write_bytes(bytes(builder.Output()))
    with pytest.raises(InputError, match=r"a\.tflite: has no signature"):
        costs(tmp_path / "a.tflite")
