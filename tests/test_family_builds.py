"""RoBERTa, XLM-RoBERTa, MPNet, DistilBERT and a BERT that pads with 1, through the public verbs: tuned, merged, converted, in 8 bits, bundled, verified."""

from pathlib import Path

import pytest

from tests.conftest import make_data, make_recipe, once
from tests.random_builds import build_random, facts, gates, manifest
from tests.tiny_families import PADS, make_family

FAMILIES = ("roberta", "xlm-roberta", "mpnet", "distilbert", "e5")


def make(folder: Path, family: str) -> None:
    base = make_family(folder / "base", family, pooling="cls" if family == "roberta" else "mean")
    make_recipe(make_data(folder, asked=3), base, "lora")
    build_random(folder)


@pytest.fixture(scope="module", params=FAMILIES)
def built(request, tmp_path_factory):
    return request.param, once(
        tmp_path_factory, f"family-{request.param}", lambda folder: make(folder, request.param)
    )


def test_each_stage_of_a_family_proves_what_it_made(built):
    stages = facts(built[1])
    assert stages["merge"]["least_cosine_to_training"] >= 0.99999
    for convert in (stages["convert-base"], stages["convert-tuned"]):
        assert convert["least_cosine_to_pytorch"] >= 0.99999
        assert convert["least_cosine_between_lengths"] >= 0.99999
    assert "int8" in stages["quantize-base"]["weights"] and stages["quantize-base"]["mean_cosine"] > 0.98


def test_the_bundle_of_a_family_pads_as_its_tokenizer_does(built):
    family, folder = built
    assert manifest(folder)["encoders"][0]["embedder"]["tokenizer"]["pad"] == PADS[family]


def test_the_bundle_of_a_family_passes_the_gates_of_its_files(built):
    found = gates(built[1])
    for name in ("golden", "tokenizer", "tokens", "shipped_parity", "lengths", "ranking", "passages"):
        assert found[name] == "pass", name
