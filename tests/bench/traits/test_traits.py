"""`pocketrag traits` on a bundle and its embedder: one table, and retrieval before everything."""

import json
import shutil

import numpy as np
import pytest
from pocketrag.bench import traits as command
from safetensors.numpy import load_file, save_file

from pocketrag.formats.facts.traits import RetrievalFacts
from tests.conftest import cli

WORSE = {"measure": "ndcg@10", "n": 80, "difference": -0.1, "interval": (-0.2, 0.0), "better": 1, "worse": 9,
         "verdict": "REGRESSION", "dense": 0.4, "bm25": 0.5}  # fmt: skip


def test_several_models_and_a_recipe(built, tiny_bert):
    done = cli("traits", "out/tiny", tiny_bert, "--recipe", "tiny.toml", "--json", cwd=built)
    assert done.returncode == 0, done.stderr[-2000:]
    bundle, embedder = json.loads(done.stdout)["models"]
    assert bundle["kind"] == "bundle" and embedder["kind"] == "embedder"
    for found in (bundle, embedder):
        assert len(found["traits"]) == 6 and found["overall"]["n"] > 300 and found["grade"] == "poor"
        better = found["retrieval"]["dense"] >= found["retrieval"]["bm25"]
        assert found["ships"] is better and ("never ships" in found["verdict"]) is not better
    assert bundle["megabytes"] < embedder["megabytes"]


def test_without_a_recipe_retrieval_is_unchecked(tiny_bert):
    done = cli("traits", tiny_bert)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "retrieval unchecked: name --recipe" in done.stdout and "constant vector" in done.stdout


def test_whoever_retrieves_worse_than_full_text_never_ships():
    worse = RetrievalFacts.model_validate(WORSE)
    assert command._ships(worse) is False and command._verdict("excellent", worse).startswith("never ships")
    assert command._ships(None) is None


def test_a_model_of_no_numbers(tiny_bert, tmp_path):
    folder = shutil.copytree(tiny_bert, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: tensor * np.nan for name, tensor in weights.items()},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    done = cli("traits", folder)
    assert done.returncode == 2 and "hold no numbers" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("given", [("absent/model/x",), ("none.toml", "--recipe", "absent.toml")])
def test_what_is_not_there(given, tmp_path):
    done = cli("traits", *given, cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
