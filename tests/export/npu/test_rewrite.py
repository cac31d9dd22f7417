"""Rewritten models: an interpreter of our own finds the float model's vectors in them, without compiler or emulator."""

import shutil

import numpy as np
import pytest
from pocketrag.export.npu.graph import load, save
from pocketrag.export.npu.rewrite import rewrite

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.ranking import cosine
from tests.export.npu.half_interpreter import Model

TEXTS = (
    "the king moves",
    "what rings if phone 3 meets flag ?",
    "the clock falls when the pawn 12 is on the board",
)


def vectors(folder, length):
    spec = EmbedderSpec.model_validate_json((folder / SPEC).read_text())
    embedder = LiteRtEmbedder(folder, spec)
    rows = [embedder.tokenize(text)[:length] for text in TEXTS]
    return rows, [embedder.embed_ids(ids, length) for ids in rows]


@pytest.fixture(params=["bert", pytest.param("gemma", marks=pytest.mark.long)])
def stages(request):
    """The folder of a converted and quantized model: with int8 rows of one scale each, and with 4-bit layers."""
    if request.param == "bert":
        return request.getfixturevalue("tiny_built") / "work" / "tiny"
    return request.getfixturevalue("gemma_built")[0] / "work" / "tiny"


@pytest.mark.parametrize("length", [16, 32])
def test_float16_gives_the_float_models_vectors(stages, length, tmp_path):
    rows, wanted = vectors(stages / "convert-base", length)
    rewrite(stages / "convert-base" / MODEL, tmp_path / "half.tflite", [length])
    half = Model(tmp_path / "half.tflite")
    assert np.float32 in half.kinds(f"embed_{length}") and np.float16 in half.kinds(f"embed_{length}")
    for ids, vector in zip(rows, wanted, strict=True):
        found = half.run(f"embed_{length}", ids, length)
        assert found.dtype == np.float32 and cosine(found, vector) > 0.9999


def test_int8_rows_come_back_by_their_own_scales(tiny_built, tmp_path):
    folder = tiny_built / "work" / "tiny" / "quantize-base"
    rows, _ = vectors(folder, 32)
    _, wanted = vectors(tiny_built / "work" / "tiny" / "convert-base", 32)
    rewrite(folder / MODEL, tmp_path / "half.tflite", [16, 32])
    half = Model(tmp_path / "half.tflite")
    graph = half.graph("embed_32")
    # All that is left in float32 is the vector that goes out.
    assert sum(tensor.type == 0 for tensor in graph.tensors) == 1
    for ids, vector in zip(rows, wanted, strict=True):
        # Random weights bear int8 worse than trained ones.
        assert cosine(half.run("embed_32", ids, 32), vector) > 0.99


def test_signatures_that_nobody_asked_for_and_their_numbers_are_gone(tiny_built, tmp_path):
    source = tiny_built / "work" / "tiny" / "quantize-base" / MODEL
    rewrite(source, tmp_path / "one.tflite", [16])
    rewrite(source, tmp_path / "two.tflite", [16, 32])
    one, two = Model(tmp_path / "one.tflite"), Model(tmp_path / "two.tflite")
    assert [d.signatureKey for d in one.model.signatureDefs] == [b"embed_16"]
    assert [d.signatureKey for d in two.model.signatureDefs] == [b"embed_16", b"embed_32"]
    assert len(one.content) < len(two.content)


def test_equal_models_give_equal_bytes(tiny_built, tmp_path):
    source = tiny_built / "work" / "tiny" / "quantize-base" / MODEL
    for name in ("a", "b"):
        rewrite(source, tmp_path / name, [16])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_length_that_is_none_of_the_models_is_refused(tiny_built, tmp_path):
    source = tiny_built / "work" / "tiny" / "quantize-base" / MODEL
    with pytest.raises(InputError, match="no signature 'embed_64'"):
        rewrite(source, tmp_path / "half.tflite", [64])
    assert not (tmp_path / "half.tflite").exists()


def test_a_number_beyond_float16_is_refused_and_never_cut(tiny_built, tmp_path):
    source = shutil.copyfile(tiny_built / "work" / "tiny" / "convert-base" / MODEL, tmp_path / "large.tflite")
    model = load(source)
    tensor = next(
        t for t in model.subgraphs[0].tensors if t.type == 0 and model.buffers[t.buffer].data is not None
    )
    buffer = model.buffers[tensor.buffer]
    values = np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), np.float32).copy()
    values.flat[0] = 70_000.0
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    save(model, source)
    with pytest.raises(InputError, match="beyond float16's 65504"):
        rewrite(source, tmp_path / "half.tflite", [16])


def test_four_bits_are_refused_by_name(gemma_built, tmp_path):
    source = gemma_built[0] / "work" / "tiny" / "quantize-base" / MODEL
    with pytest.raises(InputError, match="is of a type that NPU files are not made of"):
        rewrite(source, tmp_path / "half.tflite", [16])
