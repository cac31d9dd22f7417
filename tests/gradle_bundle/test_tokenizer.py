"""The Kotlin tokenizers give the desktop's ids: compiled by the real compiler, run on the JVM."""

import os
import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from tests.gradle_bundle import json_models, models, unicode_data
from tests.gradle_bundle.texts import all_texts, fuzzed, whole_pairs
from tests.gradle_bundle.tokenizing import mismatches

pytestmark = pytest.mark.usefixtures("kotlin")
#: What joins: marks of one to four bytes, joiners, pictographs, flags, Hangul, Indic consonants and their links, prefixes, controls.
ODD = [*"aéｶﾞ™©①ﬁ½ㄱ᳡\u0301\u0302\u0323\u0345\u200d\u200c\u0903\u093e\u0600\u06dd\U000110bd\r\n \u2028\u00ad", *"\u1100\u1161\u11a8가각\u0915\u094d\u0937",
       *"👩🏽❤\ufe0f🇫🇷", "'s", "'S", "'ſ", "'LL", "12", "٣", "\u3000", "▁", "<mask>", "<|endoftext|>", "[MASK]", "  ", "    "]  # fmt: skip
REAL = os.environ.get("POCKETRAG_EMBEDDINGGEMMA", "")
TEXTS = 20_000


@pytest.fixture(scope="module")
def texts():
    found = all_texts()
    assert len(set(found)) >= TEXTS
    return found


def test_ids_are_the_desktops(texts, tmp_path):
    """Both kinds that a bundle ships: MiniLM's WordPiece, and SentencePiece in Gemma's layout."""
    assert mismatches([models.MINILM, models.gemma(tmp_path / "gemma")], texts) == []


def test_some_ids_of_other_kinds_are_the_desktops(texts, tmp_path):
    places = [json_models.place(tmp_path / kind, make()) for kind, make in json_models.KINDS.items()]
    assert mismatches(places, [*texts[::97], *json_models.SENTENCES, *clusters(100)]) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", json_models.KINDS)
def test_ids_of_other_kinds_are_the_desktops(kind, texts, tmp_path):
    """XLM-R's Unigram, byte-level BPE of RoBERTa, ModernBERT and Qwen, MPNet's WordPiece: of small vocabularies, in their layouts."""
    place = json_models.place(tmp_path / "kind", json_models.KINDS[kind]())
    assert mismatches([place], [*texts, *json_models.spoken(), *clusters(400)]) == []


@pytest.mark.parametrize("kind", ["xlm-roberta", "modernbert", "qwen"])
def test_ids_of_any_text(kind, tmp_path):
    """Strings that hypothesis makes, all at once: a process each would take minutes."""
    place, made = json_models.place(tmp_path / "kind", json_models.KINDS[kind]()), []

    @runs(max_examples=500, deadline=None, database=None)
    @given(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
        | st.lists(st.sampled_from(ODD), max_size=20).map("".join)
    )
    def collect(text):
        made.append(text)

    collect()
    assert mismatches([place], made) == []


def clusters(count):
    """Characters that join each other in one way or another (UAX #29), at random."""
    draw = random.Random(7)  # noqa: S311 - the same texts each time
    for _ in range(count):
        yield "".join(draw.choice(ODD) for _ in range(draw.randrange(2, 12)))


@pytest.mark.real
def test_ids_of_the_real_embeddinggemma(texts):
    assert mismatches([(Path(REAL).expanduser(), models.GEMMA)], texts) == []


def test_every_setting_of_sentencepiece(texts, tmp_path):
    places = [models.trained(tmp_path / name, **settings) for name, settings in models.SENTENCEPIECE.items()]
    places.append(models.write_model(tmp_path / "frozen", models.frozen()))
    assert mismatches(places, [*texts[::23], "abcabc cab bab", "the abacus"]) == []


def test_every_setting_of_the_normalizer(texts, tmp_path):
    """With a vocabulary that spells: MiniLM's own hides behind [UNK] what was done to a character that it does not know."""
    vocabulary, places = models.spelling(), []
    for name, settings in models.BERT.items():
        row = models.minilm()
        if name != "cased":
            row["model"]["max_input_chars_per_word"] = 1_000_000
        for token in row["added_tokens"]:
            token["id"] = vocabulary[token["content"]]
        places.append(models.bert(tmp_path / name, row, settings, vocabulary))
    assert mismatches(places, [*texts[::29], *characters(texts), *marks(), *models.LONG_WORDS]) == []


def characters(texts):
    """The texts that hold each character once."""
    return [text for text in texts if text.startswith("a") and text[2:4] == " a"]


def marks():
    """Runs of marks, whose order NFD settles by their classes: each mark before and after one of each class."""
    every = [chr(c) for c in unicode_data.CODE_POINTS if unicodedata.combining(chr(c))]
    classes = [next(mark for mark in every if unicodedata.combining(mark) == k) for k in unicode_data.CLASSES]
    for mark in every:
        yield " ".join(f"e{mark}{other}{mark} e{other}{mark}{other}" for other in classes)


def test_the_unicode_tables_are_the_librarys():
    assert unicode_data.source() == unicode_data.FILE.read_text("utf-8"), (
        "run `python -m tests.gradle_bundle.unicode_data`"
    )


def test_a_special_token_of_another_place(tmp_path):
    """The post-processor's other form, and texts that spell special tokens."""
    row = models.minilm()
    row["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}
    bare = models.minilm()
    bare["post_processor"] = None
    places = [models.bert(tmp_path / "pair", row), models.bert(tmp_path / "bare", bare)]
    assert mismatches(places, [whole_pairs(text) for text in fuzzed(500)]) == []
