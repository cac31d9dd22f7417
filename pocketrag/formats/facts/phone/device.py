"""A phone, measured over adb (docs/device.md): milliseconds and MB (10^6 bytes)."""

from __future__ import annotations

from typing import Literal

from ..base import Amount, Count, Facts, Length, Number, Sha256
from ..measures import CosineOfTexts
from .environment import Measured

#: What computes on a phone.
Accelerator = Literal["cpu", "cpu-fp16", "gpu", "gpu-fp16", "npu"]
#: Who measured: we over a cable, a hosted device of Google's Developer Device Platform, or somebody who sent
#: a file of results.
Source = Literal["adb", "ddp", "sent"]
#: What is said of a device that was not measured over a cable.
SAID = {"ddp": ", hosted", "sent": ", sent in"}


class Cores(Facts):
    """The cores of a phone."""

    allowed: str | None
    """Those that a program of adb's shell may use, as Linux lists them."""
    max_mhz: dict[str, Count]
    """Core -> highest frequency, MHz."""
    pinned: bool


class PhoneFacts(Facts):
    """What a phone is; null is what it does not tell, absent what was not reached."""

    manufacturer: str | None = None
    model: str | None = None
    soc: str | None = None
    android: str | None = None
    api: str | None = None
    build: str | None = None
    abi: str | None = None
    emulated: bool = False
    """Android's emulator: not a phone, and its times are not latencies."""
    kernel: str | None = None
    memory_mb: Count | None = None
    cores: Cores | None = None


class Heat(Facts):
    """How warm a phone is; null is what it does not tell, absent what was not reached."""

    thermal_status: int | None = None
    """0 (none) to 6 (shutdown)."""
    battery_celsius: Number | None = None
    battery_percent: Count | None = None
    battery: str | None = None
    plugged: tuple[str, ...] = ()


class Repeated(Facts):
    """Repeated runs of one text at one length, as benchmark_model prints them, milliseconds."""

    runs: Count
    avg: Amount
    min: Amount
    max: Amount
    std: Amount
    p5: Amount | None
    """Null where this version of benchmark_model prints no percentiles."""
    median: Amount | None
    p95: Amount | None
    init: Amount | None
    """Opening the model."""


class BenchmarkModel(Facts):
    """The program that ran on the phone."""

    sha256: str | None
    """Null where a file of results does not tell it."""
    runtime: str | None
    signatures: bool | None
    """It runs any length; else only the longest."""
    input_files: bool | None
    """It takes token ids and gives vectors."""


class DeviceFacts(Facts):
    """What was measured on one phone."""

    serial: str
    accelerator: Accelerator = "cpu"
    """What was asked to compute."""
    source: Source = "adb"
    """Absent in reports of before there was another than a cable."""
    model_sha256: Sha256 | None = None
    """Of the model that ran, as the device told it; null or absent where it was not told."""
    phone: PhoneFacts
    before: Heat
    after: Heat
    threads: Count | None
    """Null where neither was it asked for nor told."""
    shares: dict[Length, Amount]
    """Length -> share of the golden questions that take it."""
    latency_ms: dict[Length, Repeated]
    mean_ms: Amount | None
    """Over the lengths of real questions."""
    fewer_threads: dict[Count, Repeated]
    """Threads -> the commonest length."""
    again: Repeated | None
    """The commonest length once more, at the end."""
    throttled: bool | None
    """Null where nothing tells."""
    noisy: bool
    memory_mb: dict[Length, Amount | None]
    """Length -> the most, while only that one runs."""
    weights_shared: bool
    """The lengths shared one packed copy of the weights."""
    parity: CosineOfTexts | None
    """To the shipped model's golden vectors."""
    trouble: str | None
    """Why it went no further."""
    benchmark_model: BenchmarkModel

    @property
    def key(self) -> str:
        """What tells it from other rows of a report: of one phone, the CPU's and others'."""
        return self.serial if self._by_cpu else f"{self.serial} {self.accelerator}"

    @property
    def name(self) -> str:
        """What people call it, and what computed where that was not its CPU."""
        words = [word for word in (self.phone.manufacturer, self.phone.model) if word]
        where = "" if self._by_cpu else f", {self.accelerator.upper()}"
        emulated = " (an Android emulator)" if self.phone.emulated else ""
        known = " ".join(words) or ("a device" if self.source in (None, "adb") else self.serial)
        return f"{known}{where}{emulated}{SAID.get(self.source, '')}"

    @property
    def _by_cpu(self) -> bool:
        # A report of before there were others says nothing, and is read with None.
        return self.accelerator in (None, "cpu")


class DeviceSection(Measured, DeviceFacts):
    """The same in a report."""
