"""`pocketrag verify`."""

from __future__ import annotations

from typing import Literal

from .base import Facts
from .npu import NpuProof
from .outcome import GateFacts
from .parity import ParityFacts
from .phone.device import DeviceFacts
from .phone.emulator import EmulatorFacts
from .phone.environment import Measured
from .phone.prediction import PredictionFacts

Purpose = Literal["build", "release"]


class VerifyFacts(Facts):
    """Every gate of a bundle, and what was measured besides where it was asked for."""

    bundle: str
    for_: Purpose
    """The purpose that says which gates are required."""
    exit: int
    """0: all required gates pass; 1: one fails; 4: a required one could not be checked."""
    gates: tuple[GateFacts, ...]
    """In the order of the table of gates."""
    parity: ParityFacts | None = None
    """With --embedder."""
    emulator: EmulatorFacts | None = None
    """With --emulator, now or earlier."""
    devices: dict[str, DeviceFacts] | None = None
    """Serial -> phone; with --device."""
    prediction: PredictionFacts | None = None
    """With --predict."""
    npu: dict[str, NpuProof] | None = None
    """System on a chip -> what Qualcomm's emulator made of the NPU file beside the bundle."""
    standing: str | None = None
    """How far that is from a release, in a sentence; absent of a stage."""


class VerifySection(Measured, VerifyFacts):
    """The same in a report, where `parity`, `devices` and `prediction` are sections of their own."""
