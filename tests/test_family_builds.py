"""RoBERTa, XLM-RoBERTa, MPNet, DistilBERT and a BERT that pads with 1, through the public verbs: tuned, merged, converted, in 4 and 8 bits, verified."""

import json
from pathlib import Path

import pytest

from tests.conftest import cli, make_data, make_recipe, once
from tests.tiny_families import PADS, make_family

FAMILIES = ("roberta", "xlm-roberta", "mpnet", "distilbert", "e5")
CODE = "t8-a4b32g-f4b32g-h8+30"


def make(folder: Path, family: str) -> None:
    base = make_family(folder / "base", family, pooling="cls" if family == "roberta" else "mean")
    make_recipe(make_data(folder, asked=3), base, "lora", extra=f'quantization = "{CODE}"')
    # Random weights need not keep to the limits of trained ones, nor win.
    for verb, options in (("build", ("--out", "out/tiny")), ("convert", ("--source", "tuned"))):
        done = cli(verb, "tiny.toml", *options, "--json", cwd=folder)
        assert done.returncode in (0, 1), done.stderr[-3000:]
        (folder / f"{verb}.json").write_text(done.stdout)


@pytest.fixture(scope="module", params=FAMILIES)
def built(request, tmp_path_factory):
    folder = once(tmp_path_factory, f"family-{request.param}", lambda folder: make(folder, request.param))
    return request.param, folder, json.loads((folder / "build.json").read_text())


def test_each_stage_proves_what_it_made(built):
    _, folder, facts = built
    stages = facts["stages"]
    assert stages["merge"]["least_cosine_to_training"] >= 0.99999
    for convert in (stages["convert"], json.loads((folder / "convert.json").read_text())):
        assert convert["least_cosine_to_pytorch"] >= 0.99999
        assert convert["least_cosine_between_lengths"] >= 0.99999
    assert {"int4", "int8"} <= set(stages["quantize"]["weights"])
    assert stages["quantize"]["mean_cosine"] > 0.8


def test_the_bundle_pads_with_the_tokenizers_own_id(built):
    family, folder, _ = built
    manifest = json.loads((folder / "out" / "tiny" / "manifest.json").read_text())
    assert manifest["encoders"][0]["embedder"]["tokenizer"]["pad"] == PADS[family]


def test_the_golden_texts_hold_on_the_shipped_model(built):
    _, folder, _ = built
    gates = {
        gate["gate"]: gate for gate in json.loads(cli("verify", "out/tiny", "--json", cwd=folder).stdout)["gates"]
    }
    for name in ("golden", "tokenizer"):
        assert gates[name]["status"] == "pass", gates[name]
