"""ModernBERT, Qwen3 and EmbeddingGemma 2 through the public verbs: trimmed, tuned, merged, converted, calibrated in 4 bits, verified."""

import json
from pathlib import Path

import pytest

from tests.conftest import cli, make_data, make_recipe, once
from tests.random_embedders import make_embedder

ASKED = {
    "modernbert": "{question}",
    "qwen3": "Instruct: find it\nQuery:{question}",
    "embedding_gemma2_text": "task: search | query: {question}",
}
POOLING = {"modernbert": "cls", "qwen3": "lasttoken", "embedding_gemma2_text": "mean"}
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
    # Random weights need not keep to the limits of trained ones, nor win.
    done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
    (folder / "stderr.txt").write_text(done.stderr)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    (folder / "build.json").write_text(done.stdout)
    tuned = cli("convert", "tiny.toml", "--source", "tuned", "--json", cwd=folder)
    assert tuned.returncode == 0, tuned.stderr[-3000:]
    (folder / "tuned.json").write_text(tuned.stdout)


@pytest.fixture(scope="module", params=ASKED)
def built(request, tmp_path_factory):
    folder = once(tmp_path_factory, f"rotary-{request.param}", lambda folder: make(folder, request.param))
    return request.param, folder, json.loads((folder / "build.json").read_text())


def test_each_stage_proves_what_it_made(built):
    _, folder, facts = built
    stages = facts["stages"]
    assert stages["merge"]["least_cosine_to_training"] >= 0.99999
    for convert in (stages["convert"], json.loads((folder / "tuned.json").read_text())):
        assert (
            convert["least_cosine_to_pytorch"] >= 0.99999
            and convert["least_cosine_between_lengths"] >= 0.99999
        )
        assert convert["texts_with_same_tokens"] >= 200 and convert["half"]["largest_difference"] == 0
    assert stages["quantize"]["mean_cosine"] > 0.8


def test_the_bundle_names_its_padding(built):
    family, folder, _ = built
    manifest = json.loads((folder / "out" / "tiny" / "manifest.json").read_text())
    tokenizer = manifest["encoders"][0]["embedder"]["tokenizer"]
    config = json.loads((folder / "base" / "config.json").read_text())
    assert manifest["encoders"][0]["embedder"]["dims"] == {"embedding_gemma2_text": 40}.get(family, 64)
    if family == "qwen3":
        assert tokenizer["pad"] == config["eos_token_id"] + 2
    else:
        assert tokenizer["pad"] == config["pad_token_id"]


def test_the_golden_file_holds_on_the_shipped_model(built):
    _, folder, _ = built
    done = cli("verify", "out/tiny", "--json", cwd=folder)
    gates = {gate["gate"]: gate for gate in json.loads(done.stdout)["gates"]}
    for name in ("golden", "tokenizer"):
        assert gates[name]["status"] == "pass", gates[name]
