"""The model on emulated ARM kernels (docs/emulator.md): parity, never a time."""

from __future__ import annotations

from ..base import Amount, CosineOrNone, Count, Facts
from .environment import EnvironmentFacts


class CpuFacts(Facts):
    """One emulated core; figures are absent where `problem` says why there are none."""

    cpu: str
    decides: bool
    """Its figures are gates; the others inform."""
    kernels: str
    litert: str
    n: Count
    """Golden texts."""
    runtime: str | None = None
    mean: CosineOrNone = None
    """To the shipped model's vectors."""
    least: CosineOrNone = None
    twin_mean: CosineOrNone = None
    """To the reference model's vectors."""
    twin_least: CosineOrNone = None
    lengths_least: CosineOrNone = None
    """Of one text through two lengths; null where there is nothing to compare."""
    overlap: Amount | None = None
    """Mean share of the golden top passages that are found; null where there is no question."""
    questions: Count | None = None
    problem: str | None


class EmulatorFacts(Facts):
    """All emulated cores."""

    export_litert: str
    """The LiteRT that the export used, and that was emulated."""
    qemu: str | None
    """Null where there is no emulator."""
    cpus: tuple[CpuFacts, ...]
    environment: EnvironmentFacts | None = None
    """Where an earlier `verify` measured it; absent where this one did."""
