"""What an embedder can't read: letters in unknown tokens, and texts that look alike to it."""

import json

import pytest
from pocketrag.training.reading import count_tokens, read_texts, script

from pocketrag.errors import InputError


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["ประตู", "หน้าต่าง", "หนังสือ"], "100% of the Thai letters"),
        (["ሰዓት", "ተጫዋች", "ዳኛ"], "100% of the Ethiopic letters"),
        (["棋手可以停止棋钟", "裁判负责检查"], "100% of the Han letters"),
        ([f"the king {n} waits ชาม" for n in range(9)], "100% of the Thai letters"),
        (["the clock", "the Clock", "THE CLOCK", "the rook"], "2 of 4 different texts"),
    ],
)
def test_what_the_tiny_embedder_is_blind_to(tiny_bert, texts, words):
    assert any(words in fault for fault in read_texts(tiny_bert, texts).faults)


def test_what_it_reads(tiny_bert):
    found = read_texts(tiny_bert, ["the king waits", "the queen asks 7 times", "the king, by name หมอ, waits on the board when the queen claims and the rook stops the clock" * 2])  # fmt: skip
    assert not found.faults and found.texts == 3 and "Latin" in str(found)
    none = read_texts(tiny_bert, ["12 34", "⏰"])
    assert not none.faults and "no letters" in str(none)


def test_tokens_a_word_and_special_ones_by_the_count(tiny_bert):
    found = read_texts(tiny_bert, ["the king waits ab"])
    assert (found.words, found.tokens) == (4, 5)
    assert count_tokens(tiny_bert, ["the king", "ab"]) == [4, 4]


def test_scripts():
    assert [script(letter) for letter in "aßжไ中ﬁＡ한"] == ["Latin", "Latin", "Cyrillic", "Thai", "Han", "Latin", "Latin", "Hangul"]  # fmt: skip


def test_a_broken_tokenizer_is_named(tmp_path):
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": 3}))
    with pytest.raises(InputError, match=r"tokenizer\.json: not a readable"):
        read_texts(tmp_path, ["a"])
