"""ModernBERT, Qwen3 and EmbeddingGemma 2 through the public verbs: trimmed, tuned, merged, converted, calibrated in 4 bits, verified."""

import json
from pathlib import Path

import pytest

from tests.conftest import make_data, make_recipe, once
from tests.random_builds import build_random, facts, gates, manifest
from tests.random_embedders import make_embedder

ASKED = {
    "modernbert": "{question}",
    "qwen3": "Instruct: find it\nQuery:{question}",
    "embedding_gemma2_text": "task: search | query: {question}",
}
POOLING = {"modernbert": "cls", "qwen3": "lasttoken", "embedding_gemma2_text": "mean"}
#: The converter folds the weights of ModernBERT's LayerNorm into the matrix behind it: nothing calibrated can be put in there.
CODE = "t8-a4b32g-f4b32g-h8+30"


def make(folder: Path, family: str) -> None:
    lines = [
        json.loads(line)["text"]
        for line in (make_data(folder, asked=3) / "corpus.jsonl").read_text().splitlines()
    ]
    wide = (
        {"hidden_size": 64, "hidden_size_per_layer_input": 32}
        if family == "embedding_gemma2_text"
        else {"hidden_size": 64}
    )
    base = make_embedder(family, folder / "base", [*lines, *[ASKED[family]] * 30], POOLING[family], **wide)
    file = make_recipe(folder, base, "lora", extra=f'quantization = "{CODE}"')
    asked = json.dumps(ASKED[family])
    text = file.read_text().replace("lengths = [16, 32]", "lengths = [32, 64]")
    file.write_text(f'{text}\n[prompts]\nquery = {asked}\ndocument = "{{text}}"\n')
    build_random(folder)


@pytest.fixture(scope="module", params=ASKED)
def built(request, tmp_path_factory):
    return request.param, once(
        tmp_path_factory, f"rotary-{request.param}", lambda folder: make(folder, request.param)
    )


def test_each_stage_of_a_rotary_family_proves_what_it_made(built):
    stages = facts(built[1])
    assert stages["merge"]["least_cosine_to_training"] >= 0.99999
    for convert in (stages["convert-base"], stages["convert-tuned"]):
        assert convert["least_cosine_to_pytorch"] >= 0.99999
        assert convert["least_cosine_between_lengths"] >= 0.99999
        assert convert["texts_with_same_tokens"] >= 200 and convert["half"]["largest_difference"] == 0
    assert stages["quantize-base"]["mean_cosine"] > 0.8


def test_the_bundle_of_a_rotary_family_names_its_padding(built):
    family, folder = built
    embedder = manifest(folder)["encoders"][0]["embedder"]
    config = json.loads((folder / "base" / "config.json").read_text())
    assert embedder["dims"] == {"embedding_gemma2_text": 40}.get(family, 64)
    other = 2 if family == "qwen3" else 0
    padding = config["eos_token_id"] if family == "qwen3" else config["pad_token_id"]
    assert embedder["tokenizer"]["pad"] == padding + other


def test_the_bundle_of_a_rotary_family_passes_the_gates_of_its_files(built):
    found = gates(built[1])
    for name in ("golden", "tokenizer"):
        assert found[name] == "pass", name
