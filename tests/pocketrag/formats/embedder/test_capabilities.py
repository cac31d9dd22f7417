"""What can't be exported is refused with every reason, before anything is converted."""

import json
import shutil

import pytest

from pocketrag.formats.embedder.capabilities import model_faults, tokenizer_faults
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES


@pytest.fixture
def folder(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "bert")


def edit(file, change):
    values = json.loads(file.read_text()) if file.is_file() else {}
    change(values)
    file.write_text(json.dumps(values))


def faults(folder):
    embedder = read_embedder(folder)
    known = embedder.family in CAPABILITIES
    return [*model_faults(embedder), *(tokenizer_faults(embedder) if known else ())]


def put(name, **values):
    return lambda folder: edit(folder / name, lambda found: found.update(values))


def without_normalize(folder):
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps(modules[:-1]))


CASES = {
    "family": (put("config.json", model_type="t5"), ["the family 't5'"]),
    "two": (put("config.json", is_decoder=True, hidden_act="relu"), ["is_decoder = True", "hidden_act = 'relu'"]),
    "missing": (lambda f: edit(f / "config.json", lambda c: c.pop("layer_norm_eps")), ["layer_norm_eps is missing"]),
    "tokenizer": (
        lambda f: edit(f / "tokenizer.json", lambda t: t["pre_tokenizer"].update(type="Metaspace")),
        ["lacks the pre-tokenizer Metaspace"],
    ),
    "dot": (
        lambda f: (without_normalize(f), put("config_sentence_transformers.json", similarity_fn_name="dot")(f)),
        ["similarity_fn_name = 'dot'"],
    ),
    "manhattan": (put("config_sentence_transformers.json", similarity_fn_name="manhattan"), ["'manhattan'"]),
    "capitals": (
        lambda f: (
            put("sentence_bert_config.json", do_lower_case=True)(f),
            edit(f / "tokenizer.json", lambda t: t["normalizer"].update(lowercase=False)),
        ),
        ["do_lower_case = true"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_named_and_all_are(folder, name):
    change, words = CASES[name]
    change(folder)
    found = faults(folder)
    assert len(found) == len(words) and all(word in fault for word, fault in zip(words, found, strict=True))


def test_unit_vectors_rank_alike_by_dot(folder):
    assert not faults(folder)
    put("config_sentence_transformers.json", similarity_fn_name="dot")(folder)
    assert not faults(folder)


def test_gemma_needs_its_sentencepiece_model(tiny_gemma, tmp_path):
    folder = shutil.copytree(tiny_gemma, tmp_path / "gemma")
    assert not faults(folder)
    (folder / "tokenizer.model").unlink()
    assert "tokenizer.model: missing" in faults(folder)[0]
