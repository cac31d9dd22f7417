"""The gates of NPU files. What Qualcomm's emulator computed is always called emulated: it is not silicon."""

from __future__ import annotations

from collections.abc import Callable

from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.npu import NpuProof
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, failed, passed, unchecked
from pocketrag.runtime.npu.emulate import obstacle

from .npu_files import LEAST, NpuFiles

#: Cosine to the float model: measured on the emulator, MiniLM .9995 / .9994 and EmbeddingGemma .9997 / .9995
#: with int8 matrices, .787 where activations leave float16, .04 with int16 activations.
MEAN_COSINE, LEAST_COSINE = 0.999, 0.998
#: By how much a vector's length may differ from 1.
UNIT = 0.01
#: Mean share of the float model's first ten passages.
OVERLAP = 0.97


def coverage(npu: NpuFiles) -> Outcome:
    """Hold every signature to one partition of all operations, for the system that its file is named for."""
    if npu.faults:
        return failed("; ".join(npu.faults))
    said = [
        f"{soc} (Hexagon {file.hexagon}): {', '.join(file.signatures)} in one partition each, no operation "
        "left to the CPU"
        for soc, file in npu.spec.files.items()
    ]
    return passed("; ".join(said))


def emulated(gate: Callable[[NpuFiles], Outcome]) -> Callable[[NpuFiles], Outcome]:
    """Give a gate files that are whole and were run; else say why they were not."""

    def run(npu: NpuFiles) -> Outcome:
        if npu.faults:
            return unchecked("the files are not whole, or not this bundle's (npu_coverage)")
        if why := obstacle():
            return unchecked(f"not emulated: {why}")
        try:
            if trouble := [f"{soc}: {ran.trouble}" for soc, ran in npu.ran.items() if ran.trouble]:
                return failed("; ".join(trouble))
            return gate(npu)
        except Exception as error:  # a damaged file may break whatever reads it in any way
            return failed(f"{type(error).__name__}: {error}")

    return run


def parity(npu: NpuFiles) -> Outcome:
    """Hold the vectors of every file to the float model's, and to length 1."""
    least_n = min(proof.n for proof in npu.proofs.values())
    if least_n < LEAST:
        return unchecked(f"emulated: {least_n} golden texts fit the NPU's lengths, and {LEAST} must")
    for soc, proof in npu.proofs.items():
        norms = [or_nan(proof.norm_low), or_nan(proof.norm_high)]
        if not all(abs(norm - 1) <= UNIT for norm in norms):
            return failed(f"{_where(soc, proof)}: lengths of vectors are {norms[0]:.4f} to {norms[1]:.4f}")
        if not or_nan(proof.least_cosine) >= LEAST_COSINE:
            least = or_nan(proof.least_cosine)
            return at_least(least, LEAST_COSINE, f"{_where(soc, proof)}: least cosine to float32")
    soc, proof = min(npu.proofs.items(), key=lambda item: or_nan(item[1].mean_cosine))
    detail = f"{_where(soc, proof)}: mean cosine to float32, least {proof.least_cosine:.4f}"
    return at_least(or_nan(proof.mean_cosine), MEAN_COSINE, detail)


def ranking(npu: NpuFiles) -> Outcome:
    """Hold the passages that golden questions find to those that the float model's vectors find."""
    soc, proof = min(npu.proofs.items(), key=lambda item: or_nan(item[1].overlap))
    if proof.overlap_n < LEAST:
        return unchecked(f"emulated: {proof.overlap_n} golden questions fit the lengths, and {LEAST} must")
    detail = f"{soc}, emulated, {proof.overlap_n} questions: mean top-10 overlap with float32"
    return at_least(or_nan(proof.overlap), OVERLAP, detail)


def device(npu: NpuFiles) -> Outcome:
    """Say that no phone has run it: nothing here can."""
    socs = " or ".join(npu.spec.files) if not npu.faults else "one of these systems"
    return unchecked(f"no phone with {socs} has run it; the emulator is not silicon")


def _where(soc: str, proof: NpuProof) -> str:
    return f"{soc}, {proof.how}, {proof.n} texts"
