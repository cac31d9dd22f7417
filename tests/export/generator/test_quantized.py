"""int4 in blocks: blocks without any weight, which XNNPACK refuses unless their scale is mended."""

import numpy as np
import pytest
from pocketrag.export.generator import quantized
from pocketrag.export.generator.assemble import Speech, assemble
from pocketrag.export.generator.quantized import quantize

from pocketrag.errors import GateError
from pocketrag.formats import tflite
from pocketrag.formats.tflite import LEAST_SCALE, blocks, model_in
from pocketrag.runtime.generator.proof import Runtime
from tests.packs import MAX_TOKENS, generator_of


@pytest.fixture
def floats(packed_gemma, tmp_path):
    """A float model of which a block of one matrix was changed: `change(file, value)`."""
    content = bytearray(model_in(generator_of(packed_gemma) / "generator.litertlm"))

    def change(value):
        for constant in tflite.constants(tflite.open_model(content)):
            if constant.operation == "FULLY_CONNECTED":
                constant.data.view(np.float32).reshape(constant.shape)[3, :32] = value
                break
        file = tmp_path / "float.tflite"
        file.write_bytes(content)
        return file

    return change


def runs(file, packed_gemma, tmp_path):
    speech = Speech("{% for m in messages %}{{ m.content[0].text }}{% endfor %}", (1, 5), MAX_TOKENS)
    assemble(file, packed_gemma / "gemma3" / "tokenizer.json", speech, tmp_path / "model.litertlm")
    runtime = Runtime(tmp_path / "model.litertlm", MAX_TOKENS)
    try:
        return np.isfinite(runtime.log_likelihood("May I stop?", "Yes."))
    finally:
        runtime.close()


def test_blocks_without_any_weight_run(floats, packed_gemma, tmp_path):
    stored = tmp_path / "stored.tflite"
    assert quantize(floats(0.0), stored, "int4") > 0
    zero = [(scales[empty], empty.sum()) for _, scales, empty in blocks(stored.read_bytes())]
    assert sum(count for _, count in zero) > 0
    assert all((scales >= LEAST_SCALE).all() for scales, _ in zero)
    assert runs(stored, packed_gemma, tmp_path)


def test_as_the_quantizer_leaves_them_they_are_refused(floats, packed_gemma, tmp_path, monkeypatch):
    monkeypatch.setattr(quantized, "mend_scales", lambda file: 0)
    quantize(floats(0.0), tmp_path / "stored.tflite", "int4")
    with pytest.raises(RuntimeError):
        runs(tmp_path / "stored.tflite", packed_gemma, tmp_path)


def test_a_mended_scale_changes_no_weight(floats, tmp_path):
    stored = tmp_path / "stored.tflite"
    quantize(floats(0.0), stored, "int4")
    for constant in tflite.constants(tflite.open_model(stored.read_bytes())):
        if constant.operation == "FULLY_CONNECTED":
            assert not constant.data.reshape(constant.shape[0], -1)[3, :16].any()
            break


def test_weights_too_small_for_a_scale_are_refused_by_name(floats, tmp_path):
    with pytest.raises(GateError, match=r"too small for int4 in blocks .* set quantization"):
        quantize(floats(1e-5), tmp_path / "stored.tflite", "int4")


def test_int8_has_no_blocks(floats, tmp_path):
    assert quantize(floats(0.0), tmp_path / "stored.tflite", "int8") == 0
    assert not list(blocks((tmp_path / "stored.tflite").read_bytes()))
    assert set(tflite.weights_by_type(tmp_path / "stored.tflite")) == {"int8"}
