"""What was asked of phones, and what one of them gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pocketrag.formats.facts.phone.device import (
    Accelerator,
    BenchmarkModel,
    Heat,
    PhoneFacts,
    Source,
)
from pocketrag.formats.golden import Golden
from pocketrag.formats.tokenizer import shortest

from . import state as phone
from .accelerators import CPU
from .adb import Adb, Attached, DeviceError
from .benchmark_model import Abilities, Timing

#: Threads that the gate is about: the big cores that current phones have at least; published figures use as
#: many.
THREADS = 4
NOBODY = BenchmarkModel(sha256=None, runtime=None, signatures=None, input_files=None)


@dataclass(frozen=True)
class Asked:
    """What `--device` and the options beside it ask for."""

    device: str
    binary: Path | None = None
    """`--benchmark-binary`."""
    accelerator: Accelerator = CPU
    adb: Adb | None = None
    """The program, found on the PATH by default."""


@dataclass
class Run:
    """What was measured on one device; what is None or empty was not reached, and `trouble` says why."""

    attached: Attached
    accelerator: Accelerator = CPU
    source: Source = "adb"
    threads: int | None = THREADS
    """None where neither was it asked for nor told."""
    phone: PhoneFacts = field(default_factory=PhoneFacts)
    able: Abilities | None = None
    program: BenchmarkModel = NOBODY
    model_sha256: str | None = None
    """Of the model that ran, where the device told it."""
    lengths: tuple[int, ...] = ()
    """Those that this benchmark_model can run."""
    common: int = 0
    """The one that most questions take."""
    before: Heat = field(default_factory=Heat)
    after: Heat = field(default_factory=Heat)
    timings: dict[int, Timing] = field(default_factory=dict)
    """Length -> `threads` threads."""
    fewer: dict[int, Timing] = field(default_factory=dict)
    """Threads -> the commonest length."""
    again: Timing | None = None
    """The commonest length once more, at the end: slower where the device has throttled."""
    memory: dict[int, float | None] = field(default_factory=dict)
    """Length -> MB."""
    shared: bool = False
    """The signatures shared one packed copy of the weights."""
    vectors: dict[int, np.ndarray] | None = None
    """Golden text -> float32 [numbers read], through `through`."""
    through: dict[int, int] = field(default_factory=dict)
    """Golden text -> length."""
    trouble: DeviceError | None = None
    left: str | None = None
    """The folder on the device, where it could not be removed."""

    @property
    def name(self) -> str:
        """How messages name the device, and what computed on it where that was not its CPU."""
        known = phone.name(self.attached.serial, self.phone)
        return known if self.accelerator == CPU else f"{known}, {self.accelerator.upper()}"


def shares(golden: Golden, lengths: Sequence[int]) -> dict[int, float]:
    """Return the share of golden questions (of all texts where there are none) that take each length."""
    asked = [text for text in golden.texts if text.question] or golden.texts
    counts = Counter(shortest(lengths, len(text.ids)) for text in asked)
    return {length: counts[length] / len(asked) for length in lengths if counts[length]}


def commonest(golden: Golden, lengths: Sequence[int]) -> int:
    """Return the length that most golden questions take."""
    taken = shares(golden, lengths)
    return max(taken, key=lambda length: taken[length])
