"""The gate on tokenizers refuses what the Kotlin runtime refuses, by the same table of cases, and nothing that it takes."""

import copy
import json
import re

import pytest
from pocketrag.bench.gates.tokenizer import tokenizer
from tokenizers import Tokenizer

from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import edit_json, put_digests_right
from tests.bench.test_verify import outcomes
from tests.gradle_bundle import json_models, models
from tests.gradle_bundle.test_bad_tokenizer import (
    JSON_CASES,
    KIND_CASES,
    MODEL_CASES,
    UNSUPPORTED,
    changed_kind,
)


def judge(manifest, folder, spec):
    embedder = manifest.embedder.model_copy(update={"tokenizer": spec})
    main = manifest.main.model_copy(update={"embedder": embedder})
    return tokenizer(folder, manifest.model_copy(update={"encoders": (main,)}))


@pytest.fixture
def manifest(tiny_built):
    return read_manifest(tiny_built / "out" / "tiny")


def test_what_ships_passes(manifest, tmp_path):
    assert judge(manifest, *models.MINILM).outcome == "pass"
    assert judge(manifest, *models.gemma(tmp_path / "gemma")).outcome == "pass"
    for name in models.SENTENCEPIECE:
        assert (
            judge(manifest, *models.trained(tmp_path / name, **models.SENTENCEPIECE[name])).outcome == "pass"
        ), name


def test_what_the_phone_refuses_fails(manifest, tmp_path):
    whole = json.loads((models.MINILM[0] / "tokenizer.json").read_text("utf-8"))
    cases = [change for change, name, _ in JSON_CASES if name == UNSUPPORTED]
    assert len(cases) >= 10
    for change in cases:
        changed = copy.deepcopy(whole)
        change(changed)
        (tmp_path / "tokenizer.json").write_text(json.dumps(changed))
        assert judge(manifest, tmp_path, models.WORD_PIECE).outcome == "fail", changed["model"].get("type")


def test_other_kinds_pass(manifest, tmp_path):
    for kind, make in json_models.KINDS.items():
        found = judge(manifest, *json_models.place(tmp_path / kind, make()))
        assert found.outcome == "pass", (kind, found.detail)


def test_other_kinds_that_the_phone_refuses_fail(manifest, tmp_path):
    cases = [(kind, change, words) for kind, change, name, words in KIND_CASES if name == UNSUPPORTED]
    assert len(cases) >= 12
    for n, (kind, change, words) in enumerate(cases):
        found = judge(manifest, *json_models.place(tmp_path / str(n), changed_kind(kind, change)))
        assert found.outcome == "fail" and re.search(words, found.detail), (words, found.detail)


def test_an_added_token_has_the_librarys_id(manifest, tmp_path):
    row = json_models.newer_unigram()
    row["added_tokens"].append(json_models.added("<extra>", 5000))
    place = json_models.place(tmp_path / "gap", row)
    assert Tokenizer.from_file(str(place[0] / place[1].file)).token_to_id("<extra>") != 5000
    found = judge(manifest, *place)
    assert found.outcome == "fail" and "the id 5000 of the added token" in found.detail


def test_a_vocabulary_without_a_byte_fails(manifest, tmp_path):
    row = json_models.KINDS["roberta"]()
    row["model"]["vocab"]["gone"] = row["model"]["vocab"].pop("\u0100")
    found = judge(manifest, *json_models.place(tmp_path / "bytes", row))
    assert found.outcome == "fail" and "without 1 of the 256 bytes" in found.detail


def test_a_sentencepiece_model_that_the_phone_refuses_fails(manifest, tmp_path):
    cases = [change for change, name, _ in MODEL_CASES if name == UNSUPPORTED]
    assert len(cases) >= 6
    for n, change in enumerate(cases):
        model = models.train()
        change(model)
        found = judge(manifest, *models.write_model(tmp_path / str(n), model))
        assert found.outcome == "fail" and "runtime lacks" in found.detail, n


def test_a_bundle_that_no_phone_opens_is_refused(tiny_bundle):
    edit_json(tiny_bundle / "tokenizer.json", lambda t: t.update(normalizer={"type": "NFKC"}))
    put_digests_right(tiny_bundle)
    code, found = outcomes(tiny_bundle)
    assert code == 1 and found["tokenizer"] == "fail"
