"""Vectors outlive an interrupted run, shard by shard, and are read as they were written."""

import numpy as np
import pytest

from pocketrag.reference.shards import Shards

SIZE = 16
TEXTS = ["x" * n for n in range(SIZE * 2 + 10)]


def lengths(texts):
    return np.array([[len(text), 1] for text in texts], np.float32)


def test_shards_that_are_there_are_not_embedded_again(tmp_path):
    asked = []

    def encode(texts):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(len(texts))
        return lengths(texts)

    with pytest.raises(KeyboardInterrupt):
        Shards(tmp_path, "this", SIZE).embed(TEXTS, encode, "Embedding")
    asked.remove(SIZE)
    vectors = Shards(tmp_path, "this", SIZE).embed(TEXTS, encode, "Embedding")
    assert asked == [SIZE, 10], "only the last shard was left"
    assert vectors[:, 0].tolist() == list(range(len(TEXTS)))


def test_a_shard_is_of_its_texts_and_its_processor(tmp_path):
    """Whoever removes the earlier stage after an interrupt embeds other texts, whose first shard is another."""
    asked = []
    for texts, processor in (
        (["a", "bb"], "this"),
        (["ccc", "dddd"], "this"),
        (["a", "bb"], "that"),
        (["a", "bb"], "this"),
    ):
        found = Shards(tmp_path, processor, SIZE).embed(
            texts, lambda some: asked.append(some) or lengths(some), "Embedding"
        )
        assert found.tolist() == lengths(texts).tolist()
    assert len(asked) == 3 and len(list(tmp_path.glob("*.npy"))) == 3


@pytest.mark.parametrize("damage", ["empty", "cut", "shuffled", "fewer rows", "no digest"])
def test_a_damaged_shard_is_embedded_again(tmp_path, damage):
    whole = Shards(tmp_path, "this", SIZE).embed(TEXTS[:SIZE], lengths, "Embedding")
    (shard,) = tmp_path.glob("*.npy")
    if damage == "no digest":
        shard.with_suffix(".sha256").unlink()
    elif damage in ("empty", "cut"):
        shard.write_bytes(b"" if damage == "empty" else shard.read_bytes()[:150])
    else:
        np.save(shard, whole[::-1] if damage == "shuffled" else whole[:3])
    assert Shards(tmp_path, "this", SIZE).embed(TEXTS[:SIZE], lengths, "Embedding").tolist() == whole.tolist()
    assert not list(tmp_path.glob("*.part"))
