"""The teacher's vectors: they outlive an interrupted run, shard by shard, and are read as they were written."""

import numpy as np
import pytest
from pocketrag.training.students import teacher
from pocketrag.training.students.texts import Text

from pocketrag.formats.layout import TAUGHT, TAUGHT_TEXTS
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
        teacher._Teacher(tmp_path, tmp_path, "this").embed(texts)
    asked.remove(teacher.SHARD)
    vectors = teacher._Teacher(tmp_path, tmp_path, "this").embed(texts)
    assert asked == [teacher.SHARD, 10], "only the last shard was left"
    assert vectors[:, 0].tolist() == list(range(len(texts)))


def test_a_shard_is_of_its_texts_and_its_processor(tmp_path, monkeypatch):
    """Whoever removes the earlier stage after an interrupt asks other texts, whose first shard is another."""

    def encode(model, texts, progress):
        return np.array([[len(text), len(told)] for text in texts], np.float32)

    told = []
    monkeypatch.setattr(float_model, "load_float", told.append)
    monkeypatch.setattr(float_model, "encode", encode)
    for texts, processor in ((["a", "bb"], "this"), (["ccc", "dddd"], "this"), (["a", "bb"], "that")):
        vectors = teacher._Teacher(tmp_path, tmp_path, processor).embed(texts)
        assert vectors.tolist() == [[len(text), len(told)] for text in texts]
    assert len(told) == 3 and len(list(tmp_path.glob("*.npy"))) == 3


@pytest.mark.parametrize("damage", ["empty", "cut", "shuffled", "fewer rows", "no digest"])
def test_a_damaged_shard_is_asked_again(tmp_path, monkeypatch, damage):
    def encode(model, texts, progress):
        return np.array([[len(text), 1] for text in texts], np.float32)

    monkeypatch.setattr(float_model, "load_float", lambda folder: None)
    monkeypatch.setattr(float_model, "encode", encode)
    texts = ["x" * n for n in range(20)]
    whole = teacher._Teacher(tmp_path, tmp_path, "this").embed(texts)
    (shard,) = tmp_path.glob("*.npy")
    if damage == "no digest":
        shard.with_suffix(".sha256").unlink()
    elif damage in ("empty", "cut"):
        shard.write_bytes(b"" if damage == "empty" else shard.read_bytes()[:150])
    else:
        np.save(shard, whole[::-1] if damage == "shuffled" else whole[:3])
    assert teacher._Teacher(tmp_path, tmp_path, "this").embed(texts).tolist() == whole.tolist()
    assert not list(tmp_path.glob("*.part"))


def test_texts_with_other_line_ends_are_read(tmp_path):
    """JSON leaves what Unicode calls a line separator as it is."""
    texts = [Text("question", "what\u2028moves"), Text("sentence", "a\x85b\u2029c"), Text("word", "king")]
    (tmp_path / TAUGHT_TEXTS).write_text("".join(map(teacher._line, texts)), "utf-8")
    np.save(tmp_path / TAUGHT, np.eye(3, dtype=np.float32))
    found, vectors = teacher.read_taught(tmp_path)
    assert found == texts and len(vectors) == 3
