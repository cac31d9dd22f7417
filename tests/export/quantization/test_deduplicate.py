"""A slimmed model computes the same bits from fewer bytes."""

import shutil

import numpy as np
import pytest
from pocketrag.export.model.encoder import Encoder
from pocketrag.export.quantization.apply_plan import quantize_file
from pocketrag.export.quantization.deduplicate import slim
from pocketrag.export.quantization.plan import matrices, plan

from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.tflite import weights_by_type
from pocketrag.recipe.quantization import quantization
from pocketrag.runtime.litert import Compiled


@pytest.mark.parametrize("name", ["int8", "int4"])
def test_same_bits_from_fewer_bytes(tiny_built, tiny_bert, tmp_path, name):
    before, after = tmp_path / "before.tflite", tmp_path / "slim.tflite"
    encoder = Encoder(read_embedder(tiny_bert), 32)
    originals = {
        module: matrix.weight.detach().numpy().copy() for module, matrix in matrices(encoder).items()
    }
    source = tiny_built / "work" / "tiny" / "convert-base" / "embedder.tflite"
    quantize_file(source, before, originals, plan(encoder, quantization(name), []))
    shutil.copyfile(before, after)
    saved = slim(after)
    assert saved == before.stat().st_size - after.stat().st_size
    assert [file.name for file in tmp_path.iterdir() if "slim" in file.name] == ["slim.tflite"]
    assert weights_by_type(after) == weights_by_type(before)
    left, right = (Compiled(file, (16, 32), 32, 1) for file in (before, after))
    for length in (16, 32):
        for count in (1, 7, length):
            ids = np.zeros((1, length), np.int32)
            ids[0, :count] = np.random.default_rng(count).integers(5, 60, count)
            assert (left(ids) == right(ids)).all()
    assert saved > 0 and slim(after) == 0
