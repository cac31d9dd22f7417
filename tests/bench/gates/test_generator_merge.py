"""The gate on the proof of a merge, and each way in which such a proof can be none."""

import json
import math

import pytest
from pocketrag.bench.gates.generator_merge import merge

from pocketrag.formats.facts.generator import MergeProof

WEIGHTS = "a" * 64
PROOF = MergeProof(
    method="lora", largest_difference=1e-5, relative_difference=1e-6, limit=1e-4, from_training=0.0,
    from_base=0.5, prompts=8, positions=64, weights=WEIGHTS,
).as_json()  # fmt: skip


def generator_beside(bundle, proof=PROOF, packed=WEIGHTS):
    """What `pack` writes of it, beside a bundle."""
    folder = bundle.with_name(f"{bundle.name}.generator")
    folder.mkdir()
    proofs = {"merge": proof, "packed_weights": packed}
    (folder / "generator.json").write_text(json.dumps({"proofs": proofs}))
    return folder


def test_a_proof_of_the_packed_weights_passes(tmp_path):
    generator_beside(tmp_path / "b")
    found = merge(tmp_path / "b")
    assert found.outcome == "pass" and found.value == 1e-6 and found.limit == 1e-4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"relative_difference": 2e-4}, "largest difference"),
        ({"relative_difference": None}, "largest difference"),
        ({"from_training": 2e-4}, "largest difference"),
        ({"from_training": None}, "largest difference"),
        ({"from_base": 0.0}, "the merged model is the base"),
        ({"from_base": math.nan}, "the merged model is the base"),
        ({"positions": 7}, "compares 7 tokens"),
        ({"weights": "b" * 64}, "of other weights"),
    ],
)
def test_it_fails_on(tmp_path, change, words):
    generator_beside(tmp_path / "b", {**PROOF, **change})
    found = merge(tmp_path / "b")
    assert found.outcome == "fail" and words in found.detail


def test_qlora_trained_on_another_base(tmp_path):
    generator_beside(tmp_path / "b", {**PROOF, "method": "qlora", "from_training": None})
    assert merge(tmp_path / "b").outcome == "pass"


def test_without_generator_tuning_or_proof(tmp_path):
    assert merge(tmp_path / "b").outcome == "skipped"
    folder = generator_beside(tmp_path / "b", None)
    assert merge(tmp_path / "b").outcome == "skipped"
    (folder / "generator.json").write_text("{}")
    assert merge(tmp_path / "b").outcome == "unchecked"
