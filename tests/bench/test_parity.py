"""What ships against a float embedder: the right one passes, every other one falls to a gate by name."""

import json
import shutil

import numpy as np
import pytest
from pocketrag.bench.comparison.sides import embed
from pocketrag.bench.comparison.subject import opened

from pocketrag.errors import InputError
from pocketrag.reference import float_model
from tests.bench.damage import edit_json
from tests.conftest import cli, make_bert
from tests.verbs import differing, parity


@pytest.fixture
def bundle(tiny_bundle):
    return str(tiny_bundle)


@pytest.fixture
def model(tiny_built):
    return str(tiny_built / "work" / "tiny" / "quantize-base" / "embedder.tflite")


def found(facts):
    return {gate["gate"]: gate["outcome"] for gate in facts["gates"]}


def test_a_bundle_agrees_with_what_it_was_made_from(bundle, tiny_bert, tiny_built):
    facts = parity(
        bundle, str(tiny_bert), queries=str(tiny_built / "queries.jsonl"), qrels=str(tiny_built / "qrels.tsv")
    )
    assert facts["exit"] == 0 and set(found(facts).values()) == {"pass"}
    assert facts["tokens"]["same"] == facts["tokens"]["n"] == facts["n"] == 210
    assert (
        0.98 < facts["cosine"]["least"] <= facts["cosine"]["mean"] <= 1
        and facts["overlap"]["n"] == 140 == facts["ndcg"]["n"]
    )
    assert (
        sum(row["n"] for row in facts["by_length"].values()) == facts["cosine"]["n"]
        and facts["padding"]["n"] == 32
    )


def test_without_judgements_quality_is_unchecked_and_not_required(bundle, tiny_bert):
    facts = parity(bundle, str(tiny_bert))
    assert facts["exit"] == 0 and found(facts)["quality"] == "unchecked" and facts["overlap"]["n"] == 32


def test_a_bare_model_with_its_files(model, tiny_bert, tiny_built):
    facts = parity(
        model,
        str(tiny_bert),
        corpus=str(tiny_built / "corpus.jsonl"),
        queries=str(tiny_built / "queries.jsonl"),
    )
    assert facts["exit"] == 0 and found(facts)["overlap"] == "pass"


def test_a_model_from_elsewhere_takes_the_embedders_tokenizer_and_prompts(
    model, tiny_bert, tiny_built, tmp_path
):
    alone = shutil.copy(model, tmp_path / "other.tflite")
    facts = parity(str(alone), str(tiny_bert), queries=str(tiny_built / "queries.jsonl"))
    assert facts["exit"] == 0 and {
        found(facts)[gate] for gate in ("tokens", "vectors", "cosine", "padding")
    } == {"pass"}
    assert found(facts)["overlap"] == "unchecked"


def test_another_embedder_is_caught(bundle, tmp_path):
    other = make_bert(tmp_path / "other", seed=1)
    done = cli("parity", bundle, other, "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 1 == facts["exit"]
    assert found(facts)["cosine"] == found(facts)["overlap"] == "fail" and found(facts)["tokens"] == "pass"


def test_a_swapped_tokenizer_is_caught(bundle, tiny_bert, tmp_path):
    other = shutil.copytree(tiny_bert, tmp_path / "other")

    def swap(tokenizer):
        vocabulary = tokenizer["model"]["vocab"]
        vocabulary["king"], vocabulary["queen"] = vocabulary["queen"], vocabulary["king"]
        vocabulary["###king"] = vocabulary.pop("rook")

    edit_json(other / "tokenizer.json", swap)
    facts = parity(bundle, str(other))
    assert found(facts)["tokens"] == "fail" and facts["exit"] == 1


def test_nothing_but_a_trimmed_piece_excuses_another_cut(bundle, tiny_bert):
    with opened(bundle, tiny_bert) as subject:
        twin = float_model.load_float(tiny_bert)
        both = embed(subject, twin, ["the king rings"])
        assert np.allclose(np.linalg.norm(both.reference, axis=1), 1, atol=1e-5)
        whole = subject.model.tokenize
        object.__setattr__(subject.model, "tokenize", lambda text: whole(text)[:-1])
        assert differing(subject, twin, ["the king rings"])["wrong"] == 1


@pytest.mark.parametrize(
    ("target", "options", "word"),
    [
        ("none", {}, "neither a bundle nor"),
        ("bundle", {"corpus": "corpus.jsonl"}, "leave --corpus out"),
        ("bundle", {"qrels": "qrels.tsv"}, "--queries"),
        ("bundle", {"sample": 0}, "at least 1"),
        ("model", {}, "--queries"),
        ("text", {"queries": "queries.jsonl"}, "LiteRT can't open"),
    ],
)
def test_bad_input(bundle, model, tiny_bert, tiny_built, tmp_path, target, options, word):
    (tmp_path / "text.tflite").write_text("no model")
    targets = {"none": tmp_path / "none", "bundle": bundle, "model": model, "text": tmp_path / "text.tflite"}
    options = {
        key: str(tiny_built / value) if isinstance(value, str) else value for key, value in options.items()
    }
    with pytest.raises(InputError, match=word):
        parity(str(targets[target]), str(tiny_bert), **options)


def test_an_embedder_that_is_not_there(bundle, tmp_path):
    done = cli("parity", bundle, tmp_path / "none")
    assert done.returncode == 2 and "no such folder" in done.stderr and "Traceback" not in done.stderr
