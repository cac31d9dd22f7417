import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.errors import InputError
from pocketrag.formats.tokenizer import TokenizerSpec, clean, fit, load_tokenizer


def test_tokens_equal_the_embedders_own(tiny_bert):
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(tiny_bert)
    ours = load_tokenizer(tiny_bert, TokenizerSpec(kind="tokenizer.json", file="tokenizer.json"))
    for text in ("the king moves", "", "Ünïcode ♔ 王", "the " * 300, "[SEP] in the text"):
        assert ours(text) == theirs(text, truncation=False)["input_ids"]


def test_stored_truncation_and_padding_are_switched_off(tiny_bert, tmp_path):
    from tokenizers import Tokenizer

    stored = Tokenizer.from_file(str(tiny_bert / "tokenizer.json"))
    stored.enable_truncation(8)
    stored.enable_padding(length=8)
    stored.save(str(tmp_path / "tokenizer.json"))
    ours = load_tokenizer(tmp_path, TokenizerSpec(kind="tokenizer.json", file="tokenizer.json"))
    assert len(ours("king " * 20)) == 22 and len(ours("king")) == 3


def test_sentencepiece_puts_begin_and_end_around(tmp_path):
    import sentencepiece as spm

    (tmp_path / "text").write_text("the king moves\nthe queen waits\nthe rook stops\n" * 40)
    spm.SentencePieceTrainer.train(
        input=str(tmp_path / "text"),
        model_prefix=str(tmp_path / "sp"),
        vocab_size=40,
        model_type="bpe",
        minloglevel=2,
    )
    tokenize = load_tokenizer(tmp_path, TokenizerSpec(kind="sentencepiece", file="sp.model", bos=2, eos=1))
    pieces = spm.SentencePieceProcessor(model_file=str(tmp_path / "sp.model")).encode("the king")
    assert tokenize("the king") == [2, *pieces, 1]


@pytest.mark.parametrize("kind", ["tokenizer.json", "sentencepiece"])
def test_a_broken_file_is_named(tmp_path, kind):
    (tmp_path / "t").write_bytes(b"\x00nonsense")
    with pytest.raises(InputError, match=f"not a readable {kind}"):
        load_tokenizer(tmp_path, TokenizerSpec(kind=kind, file="t"))


def test_fit_keeps_the_last_token():
    assert fit([1, 5, 6, 7, 2], 4) == [1, 5, 6, 2] and fit([1, 2], 4) == [1, 2]


@given(st.text(st.characters()))
def test_clean_text_is_always_utf8(text):
    cleaned = clean(text)
    assert "\x00" not in cleaned and cleaned == cleaned.encode("utf-8").decode("utf-8")
