"""The teacher's vectors outlive an interrupted run, shard by shard."""

import numpy as np
import pytest
from pocketrag.training.students import teacher

from pocketrag.reference import float_model


def test_shards_that_are_there_are_not_asked_again(tmp_path, monkeypatch):
    asked = []

    def encode(model, texts, progress):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(len(texts))
        return np.array([[len(text), 1] for text in texts], np.float32)

    monkeypatch.setattr(float_model, "load_float", lambda folder: None)
    monkeypatch.setattr(float_model, "encode", encode)
    texts = ["x" * n for n in range(teacher.SHARD * 2 + 10)]
    with pytest.raises(KeyboardInterrupt):
        teacher._Teacher(tmp_path, tmp_path).embed(texts)
    asked.remove(teacher.SHARD)
    vectors = teacher._Teacher(tmp_path, tmp_path).embed(texts)
    assert asked == [teacher.SHARD, 10], "only the last shard was left"
    assert vectors[:, 0].tolist() == list(range(len(texts)))
