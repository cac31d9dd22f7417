"""Does the generator that ships compute what was tuned?

`instruct` compares the merged model with base and adapter; `pack` keeps what it found in `generator.json`, as
`proofs.merge`, and as `proofs.packed_weights` the digest of the weights that it packed. No torch here: what
the numbers say is looked at, and whether they are about these weights.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.generator import MERGE_LIMIT, MergeProof
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_most, failed, skipped, unchecked
from pocketrag.formats.generator import SPEC

from .packed import PackedGenerator
from .spoken import whole

#: A proof on less says little.
FEWEST_POSITIONS = 8


@whole
def merge(generator: PackedGenerator) -> Outcome:
    """Hold the merged model to base and adapter, by the proof that was packed with it."""
    return of_proofs(generator.spec.proofs)


def of_proofs(proofs: Mapping[str, JsonValue]) -> Outcome:
    """Judge the proof among those of a `generator.json`."""
    if "merge" not in proofs:
        return unchecked(f"{SPEC} holds no proof of the merge (`proofs.merge`)")
    if proofs["merge"] is None:
        return skipped("the base ships as it is: nothing was merged")
    proof = MergeProof.read(proofs["merge"], f"{SPEC}: proofs.merge")
    if proof.weights != proofs.get("packed_weights"):
        return failed("the proof of the merge is of other weights than those that were packed")
    return _judged(proof)


def _judged(proof: MergeProof) -> Outcome:
    if proof.positions < FEWEST_POSITIONS:
        return failed(
            f"the proof of the merge compares {proof.positions} tokens, fewer than {FEWEST_POSITIONS}"
        )
    if not or_nan(proof.from_base) > MERGE_LIMIT:
        return failed("the merged model is the base: the tuning did not reach it")
    trained = [] if proof.method == "qlora" else [proof.from_training]
    found = [or_nan(value) for value in (proof.relative_difference, *trained)]
    worst = next((value for value in found if value != value), max(found))
    detail = f"largest difference of a logit to base + adapter, of the largest, {proof.positions} tokens"
    return at_most(worst, MERGE_LIMIT, detail)
