"""The real EmbeddingGemma through the whole way: `make test-real EMBEDDINGGEMMA=DIR`, some forty minutes on two cores."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, cli

pytestmark = pytest.mark.real
HANDBOOK = ROOT / "examples" / "handbook"


def recipe_of(folder: Path, more: str = "") -> Path:
    file = folder / "gemma.toml"
    file.write_text(f"""
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
{more}
""")
    return file


def test_the_handbook_on_the_real_model(embeddinggemma, tmp_path):
    done = cli("build", recipe_of(tmp_path), "--base", embeddinggemma, "--json", cwd=tmp_path, timeout=3600)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads(done.stdout)
    shown("four lengths to 256", facts["stages"]["convert"])
    assert facts["stages"]["convert"]["least_cosine_to_pytorch"] >= 0.99999
    assert facts["stages"]["convert"]["texts_with_same_tokens"] > 1000
    half = facts["stages"]["convert"]["half"]
    assert half["fits"] and half["largest_difference"] == 0 and half["largest_before"] > 1e9
    assert facts["stages"]["quantize"]["mean_cosine"] >= 0.998
    assert abs(facts["quality"]["shipped"]["against_base"]["difference"]) < 0.01


def test_long_lengths_are_exact(embeddinggemma, tmp_path):
    """Beyond 257 tokens the sliding window shows; its band is a constant of the graph."""
    recipe = recipe_of(tmp_path, "[export]\nlengths = [512, 1024, 2048]")
    done = cli("convert", recipe, "--base", embeddinggemma, "--json", cwd=tmp_path, timeout=7200)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads(done.stdout)
    shown("three lengths to 2048", facts)
    assert facts["n"] >= 200 and facts["lengths"] == [512, 1024, 2048]
    assert facts["least_cosine_to_pytorch"] >= 0.99999 and facts["least_cosine_between_lengths"] >= 0.99999


def shown(what: str, facts: dict) -> None:
    """Print a row of the table in docs/quantization.md."""
    keys = ("n", "least_cosine_to_pytorch", "least_cosine_between_lengths", "texts_with_same_tokens")
    print(f"| {what} | {' | '.join(str(facts[key]) for key in keys)} |")  # noqa: T201
