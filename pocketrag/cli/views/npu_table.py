"""The tables of `npu`: what was compiled, and what the emulator made of it."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.npu import NpuFacts

from .bench import show_gates

MEGABYTE = 10**6


def show_npu(facts: NpuFacts) -> None:
    """Print the files with their figures, and the gates."""
    columns = ("NPU", "Hexagon", "MB", "compiled in s", "memory MB", "emulated cosine", "least", "n")
    table(facts.out or "", columns, [_row(facts, soc) for soc in facts.files])
    lengths = ", ".join(map(str, facts.lengths))
    fit = f"{facts.questions:.1%} of {facts.n} questions fit; the rest is the CPU file's"
    out.print(f"\nlengths {lengths}: {fit}\n", markup=False)
    show_gates(facts.gates)


def _row(facts: NpuFacts, soc: str) -> tuple[object, ...]:
    made, proof = facts.files[soc], (facts.proofs or {}).get(soc)
    figures = (
        (_five(proof.mean_cosine), _five(proof.least_cosine), proof.n) if proof else ("unchecked", "", "")
    )
    size, peak = f"{made.bytes / MEGABYTE:.1f}", round(made.peak_bytes / MEGABYTE)
    return soc, made.hexagon, size, f"{made.seconds:.1f}", peak, *figures


def _five(cosine: float | None) -> str:
    # Four digits round what is lost here away.
    return "none" if cosine is None else f"{cosine:.5f}"
