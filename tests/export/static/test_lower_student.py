"""A student's `.tflite` computes what PyTorch computes, whatever the length."""

import numpy as np
import pytest
import torch
from pocketrag.export.static.lower_student import lower_student

from pocketrag.formats.tflite import weights_by_type
from pocketrag.reference.static_student import StaticStudent, encode, save
from pocketrag.runtime.litert import Compiled


@pytest.mark.parametrize("hidden", [0, 48])
def test_it_computes_the_student(tmp_path, hidden):
    rows = torch.zeros(100, dtype=torch.int64)
    rows[10:90] = torch.arange(1, 81)
    student = StaticStudent(rows, rank=24, hidden=hidden, dims=32)
    with torch.no_grad():
        student.outer.normal_(0, 0.2)
    save(student, tmp_path / "student.safetensors")
    file = tmp_path / "embedder.tflite"
    assert lower_student(tmp_path / "student.safetensors", (8, 16), file) == 32
    chance = np.random.default_rng(0)
    texts = [chance.integers(10, 90, size).tolist() for size in (1, 2, 5, 8)]
    wanted = encode(student, texts)
    model = Compiled(file, (8, 16), 32, 1)
    for ids, vector in zip(texts, wanted, strict=True):
        for length in (8, 16):
            padded = np.zeros((1, length), np.int32)
            padded[0, : len(ids)] = ids
            found = model(padded)
            assert found @ vector > 0.9995 and abs(np.linalg.norm(found) - 1) < 1e-5
    assert not model(np.zeros((1, 8), np.int32)).any(), "nothing known: zeros and not NaN"
    assert weights_by_type(file)["int8"] >= 81 * 24
