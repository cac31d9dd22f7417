"""The page's tokenizers give Python's ids, its folding Python's words: under node, no browser is needed for that."""

import json
import re

import pytest

from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import load_tokenizer
from tests.gradle_bundle import json_models, models
from tests.gradle_bundle.test_bad_tokenizer import KIND_CASES, UNSUPPORTED, changed_kind
from tests.gradle_bundle.test_tokenizer import clusters
from tests.gradle_bundle.texts import all_texts, fuzzed, whole_pairs
from tests.serve.browser import node, unicode_data

pytestmark = pytest.mark.skipif(node.NODE is None, reason=node.MISSING)
TEXTS = 20_000


def mismatches(place, texts):
    folder, spec = place
    encode = load_tokenizer(folder, spec)
    found = node.ask("tokens", file=str(folder / spec.file), spec=spec.model_dump(), texts=texts)
    return [(text[:120], ids[:20]) for text, ids in zip(texts, found, strict=True) if encode(text) != ids]


@pytest.mark.parametrize("kind", ["wordpiece", "sentencepiece"])
def test_ids_of_20_000_texts(kind, tmp_path):
    texts = all_texts()
    assert len(set(texts)) >= TEXTS
    assert mismatches(models.MINILM if kind == "wordpiece" else models.gemma(tmp_path / "gemma"), texts) == []


@pytest.mark.parametrize("kind", json_models.KINDS)
def test_some_ids_of_other_kinds(kind, tmp_path):
    place = json_models.place(tmp_path / "kind", json_models.KINDS[kind]())
    assert mismatches(place, [*few(), *json_models.SENTENCES, *clusters(100)]) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", json_models.KINDS)
def test_ids_of_other_kinds(kind, tmp_path):
    """XLM-R's Unigram, byte-level BPE of RoBERTa, ModernBERT and Qwen, MPNet's WordPiece."""
    place = json_models.place(tmp_path / "kind", json_models.KINDS[kind]())
    assert mismatches(place, [*all_texts(), *json_models.spoken(), *clusters(400)]) == []


@pytest.mark.parametrize(
    ("kind", "change", "word"),
    [(kind, change, word) for kind, change, name, word in KIND_CASES if name == UNSUPPORTED],
)
def test_what_the_phone_refuses_is_refused(kind, change, word, tmp_path):
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(changed_kind(kind, change)))
    said = node.ask("refused", file=str(file), spec={"kind": "tokenizer.json", "bos": None, "eos": None})
    assert re.search(word, said)


def few():
    return [whole_pairs(text) for text in fuzzed(400)]


@pytest.mark.parametrize("name", [*models.SENTENCEPIECE, "frozen"])
def test_every_setting_of_sentencepiece(name, tmp_path):
    place = (
        models.write_model(tmp_path / "frozen", models.frozen())
        if name == "frozen"
        else models.trained(tmp_path / name, **models.SENTENCEPIECE[name])
    )
    assert mismatches(place, [*few(), "abcabc cab bab", "the abacus", "", " "]) == []


@pytest.mark.parametrize("name", models.BERT)
def test_every_setting_of_the_normalizer(name, tmp_path):
    assert mismatches(models.bert(tmp_path / name, models.minilm(), models.BERT[name]), few()) == []


def test_special_tokens_of_another_place(tmp_path):
    row = models.minilm()
    row["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}
    bare = models.minilm()
    bare["post_processor"] = None
    assert mismatches(models.bert(tmp_path / "pair", row), few()) == []
    assert mismatches(models.bert(tmp_path / "bare", bare), few()) == []


def spoiled(**change):
    row = models.minilm()
    row.update(change)
    return json.dumps(row).encode()


@pytest.mark.parametrize(
    ("kind", "content", "word"),
    [
        ("tokenizer.json", b"{", "JSON"),
        ("tokenizer.json", b"\xff", "encoded data was not valid"),
        ("tokenizer.json", spoiled(model={"type": "WordLevel"}), "WordLevel"),
        ("tokenizer.json", spoiled(pre_tokenizer={"type": "Metaspace"}), "pre-tokenizer"),
        ("tokenizer.json", spoiled(normalizer={"type": "NFKC"}), "normalizer"),
        ("tokenizer.json", spoiled(post_processor={"type": "Other"}), "Other"),
        ("sentencepiece", b"", "cut off"),
        ("sentencepiece", b"\x0a\xff\xff", "in the middle of a field"),
        ("sentencepiece", models.train(model_type="unigram").SerializeToString(), "model type 1"),
        ("sentencepiece", models.train(normalization_rule_name="nfkc").SerializeToString(), "rewrites characters"),
        ("other", b"", "kind other"),
    ],
    # pytest puts a test's name into the environment, where a whole tokenizer finds no room.
    ids=lambda value: "content" if isinstance(value, bytes) else value,
)  # fmt: skip
def test_what_it_can_not_do_as_python_does_is_refused(kind, content, word, tmp_path):
    file = tmp_path / "tokenizer"
    file.write_bytes(content)
    assert word in node.ask("refused", file=str(file), spec={"kind": kind, "bos": None, "eos": None})


def test_the_unicode_tables_are_the_librarys():
    assert unicode_data.source() == unicode_data.FILE.read_text("utf-8"), (
        "run `python -m tests.serve.browser.unicode_data`"
    )


def test_prompts_are_filled_and_spelled_alike():
    texts = [*few(), "ﬁne e\u0301 so\u00adft", "{question} $& $1", "\x1c x\x85", "\ufeffx "]
    for template in ("{question}", "task: search result | query: {question}", " {question} ?"):
        wanted = [Prompts(query=template).ask(text) for text in texts]
        assert node.ask("prompted", template=template, texts=texts) == wanted
