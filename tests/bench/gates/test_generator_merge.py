"""The gate on the proof of a merge, and each way in which such a proof can be none."""

import math

import pytest
from pocketrag.bench.gates.generator.merge_proof import of_proofs

from pocketrag.formats.facts.generator import MergeProof

WEIGHTS = "a" * 64
PROOF = MergeProof(
    method="lora", largest_difference=1e-5, relative_difference=1e-6, limit=1e-4, from_training=0.0,
    from_base=0.5, prompts=8, positions=64, weights=WEIGHTS,
).as_json()  # fmt: skip


def found_of(proof=PROOF, packed=WEIGHTS):
    return of_proofs({"merge": proof, "packed_weights": packed})


def test_a_proof_of_the_packed_weights_passes():
    found = found_of()
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
def test_it_fails_on(change, words):
    found = found_of({**PROOF, **change})
    assert found.outcome == "fail" and words in found.detail


def test_qlora_trained_on_another_base():
    assert found_of({**PROOF, "method": "qlora", "from_training": None}).outcome == "pass"


def test_without_tuning_or_proof():
    assert found_of(None).outcome == "skipped"
    assert of_proofs({}).outcome == "unchecked"
