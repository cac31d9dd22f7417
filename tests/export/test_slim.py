"""A slimmed model computes the same bits from fewer bytes."""

import shutil

import numpy as np
from pocketrag.export.slim import slim

from pocketrag.compiled import Compiled
from pocketrag.manifest import read_manifest
from pocketrag.stored import weights_by_type


def test_same_bits_from_fewer_bytes(tiny_bundle, tmp_path):
    spec = read_manifest(tiny_bundle).embedder
    before, after = tiny_bundle / "embedder.tflite", tmp_path / "slim.tflite"
    shutil.copyfile(before, after)
    saved = slim(after)
    assert saved == before.stat().st_size - after.stat().st_size
    assert [file.name for file in tmp_path.iterdir() if "slim" in file.name] == ["slim.tflite"]
    assert weights_by_type(after) == weights_by_type(before)
    left, right = (Compiled(file, spec.lengths, spec.dims, 1) for file in (before, after))
    for length in spec.lengths:
        for count in (1, 7, length):
            ids = np.zeros((1, length), np.int32)
            ids[0, :count] = np.random.default_rng(count).integers(5, 60, count)
            assert (left(ids) == right(ids)).all()
    assert saved > 0 and slim(after) == 0
