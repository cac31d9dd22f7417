"""The real EmbeddingGemma through the whole way: `make test-real EMBEDDINGGEMMA=DIR`, some six minutes on two cores."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import ROOT, cli

pytestmark = pytest.mark.real
HANDBOOK = ROOT / "examples" / "handbook"


@pytest.fixture(scope="module")
def embeddinggemma() -> Path:
    folder = Path(os.environ.get("POCKETRAG_EMBEDDINGGEMMA") or "none")
    if not (folder / "model.safetensors").is_file():
        pytest.skip("the real weights are not here: make test-real EMBEDDINGGEMMA=DIR")
    return folder


def test_the_handbook_on_the_real_model(embeddinggemma, tmp_path):
    (tmp_path / "gemma.toml").write_text(f"""
name = "gemma"
[data]
corpus = "{HANDBOOK}/corpus.jsonl"
queries = "{HANDBOOK}/queries.jsonl"
qrels = "{HANDBOOK}/qrels.tsv"
[model]
base = "google/embeddinggemma-300m"
licence = "gemma"
[train]
method = "none"
""")
    done = cli("build", "gemma.toml", "--base", embeddinggemma, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads(done.stdout)
    assert facts["stages"]["convert"]["least_cosine_to_pytorch"] >= 0.99999
    assert facts["stages"]["convert"]["texts_with_same_tokens"] > 1000
    assert facts["stages"]["quantize"]["mean_cosine"] >= 0.998
    assert abs(facts["quality"]["shipped"]["against_base"]["difference"]) < 0.01
