"""The bundle that is examined, and what `verify` was given besides."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Facts, JsonObject, as_json
from pocketrag.formats.facts.npu import NpuProof
from pocketrag.formats.facts.parity import ParityFacts
from pocketrag.formats.facts.phone.device import Accelerator, DeviceFacts
from pocketrag.formats.golden import Golden, read_golden
from pocketrag.formats.manifest import Manifest, read_manifest

from .opened import Opened, open_encoder

if TYPE_CHECKING:
    from ..phone.adb import Adb
    from ..phone.phone_run import Asked
    from ..phone.phones import Phones
    from .emulator import Emulated
    from .generator.packed import PackedGenerator
    from .npu.npu_files import NpuFiles

#: Comes with the runtime.
LITERT = "litert"
EMBEDDER, EMULATOR, DEVICE, GENERATOR, NPU = "embedder", "emulator", "device", "generator", "npu"


@dataclass(frozen=True)
class Means:
    """What `verify` was given besides the bundle."""

    embedder: str | None = None
    """SentenceTransformer folder or hub id."""
    emulator: bool = False
    device: str | None = None
    """A serial of adb, "all", or "ddp:NAME", a hosted device."""
    binary: str | None = None
    """LiteRT's benchmark_model for arm64."""
    accelerator: Accelerator = "cpu"
    """What is to compute on the phone."""
    predict: bool = False
    generator: Path | None = None
    """The folder of the generator beside the bundle, where one is."""
    npu: Path | None = None
    """The folder of the NPU files beside the bundle, where some are."""
    base: Mapping[str, np.ndarray] | None = field(default=None, compare=False)
    """The base's vectors of the passages by id, where it made those of the database and a build verifies."""

    results: tuple[str, ...] = ()
    """Files of results that others sent in."""

    def __post_init__(self) -> None:
        """Refuse a program or an accelerator for phones where no phone is named.

        Raises:
            InputError: so it is.

        """
        if self.accelerator != "cpu" and not self.device:
            raise InputError(
                f"--accelerator {self.accelerator}: is a phone's; name one with --device SERIAL or all."
            )
        if self.binary and not self.device:
            raise InputError(
                f"--benchmark-binary {self.binary}: runs on a phone; name one with --device SERIAL or all."
            )

    def asked(self, adb: Adb | None = None) -> Asked:
        """Return what is asked of phones."""
        from ..phone.phone_run import Asked

        binary = Path(self.binary) if self.binary else None
        return Asked(str(self.device), binary, self.accelerator, adb)

    def ready(self) -> None:
        """Refuse what no phone can be measured with, before anything is computed.

        Raises:
            InputError: no adb, no such device, no benchmark_model for arm64; no LiteRT-CLI for a hosted
                device.

        """
        if self.device:
            from ..phone.kinds import kind_of

            kind_of(self.device).ready(self.asked())

    @property
    def given(self) -> frozenset[str]:
        """What is there for the gates that need it."""
        there = {
            EMBEDDER: self.embedder is not None,
            EMULATOR: self.emulator,
            DEVICE: self.device is not None or bool(self.results),
            GENERATOR: self.generator is not None,
            NPU: self.npu is not None,
        }
        return frozenset({LITERT, *(name for name, given in there.items() if given)})


class Examined:
    """A bundle: each part is read, opened or measured once, when the first gate asks for it.

    What a property raises is the gate's to judge, or, for what somebody asked for, an InputError of the
    command.
    """

    def __init__(self, folder: Path, means: Means | None = None, adb: Adb | None = None) -> None:
        """Take a bundle's folder; nothing is read yet."""
        self.folder, self.means, self.adb = folder, means or Means(), adb

    @cached_property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return read_manifest(self.folder)

    @cached_property
    def golden(self) -> Golden:
        """The golden texts of its main encoder."""
        return read_golden(self.folder / self.manifest.main.golden)

    @cached_property
    def encoders(self) -> tuple[Opened, ...]:
        """All encoders, each with the database, in the manifest's order.

        Raises:
            InputError: some can't be opened; it names each.

        """
        found: list[Opened] = []
        broken: list[str] = []
        with ExitStack() as opened:
            for encoder in self.manifest.encoders:
                try:
                    found.append(open_encoder(self.folder, self.manifest, encoder))
                    opened.callback(found[-1].rag.close)
                except InputError as error:
                    broken.append(str(error))
            if broken:
                raise InputError(" ".join(dict.fromkeys(broken)))
            opened.pop_all()
        return tuple(found)

    @property
    def opened(self) -> Opened:
        """The main encoder."""
        return self.encoders[0]

    @property
    def full(self) -> Opened | None:
        """The teacher itself, where it is in the bundle."""
        return next((one for one in self.encoders if one.encoder.is_full), None)

    @property
    def students(self) -> tuple[Opened, ...]:
        """The encoders that are students."""
        return tuple(one for one in self.encoders if not one.encoder.is_full)

    @cached_property
    def compared(self) -> ParityFacts:
        """What the comparison with the float embedder found."""
        from ..parity import measure_parity

        return measure_parity(str(self.folder), str(self.means.embedder))

    @cached_property
    def emulated(self) -> Emulated:
        """What emulated cores computed."""
        from .emulator import measure_cores

        return measure_cores(self.folder, self.manifest, self.golden)

    @cached_property
    def phones(self) -> Phones:
        """What phones computed, and how fast; those of files where such were given."""
        from ..phone import sent
        from ..phone.phones import as_phones, measure_phones

        if self.means.results:
            runs = sent.read(self.means.results, self.folder, self.manifest.embedder, self.golden)
            return as_phones(runs, self.manifest, self.golden)
        return measure_phones(self.means.asked(self.adb), self.folder, self.manifest, self.golden)

    @cached_property
    def generator(self) -> PackedGenerator:
        """The generator beside it; a gate that needs one runs only where one is."""
        from .generator.packed import PackedGenerator

        assert self.means.generator is not None  # noqa: S101 - the table says so
        return PackedGenerator(self.means.generator, self.folder)

    @cached_property
    def npu(self) -> NpuFiles:
        """The NPU files beside it; a gate that needs some runs only where some are."""
        from .npu.npu_files import NpuFiles

        assert self.means.npu is not None  # noqa: S101 - the table says so
        return NpuFiles(self.means.npu, self.full)

    @property
    def is_open(self) -> bool:
        """Whether a gate opened it."""
        return "encoders" in self.__dict__

    @property
    def devices(self) -> dict[str, DeviceFacts]:
        """What was measured on phones, by serial, and by accelerator where that is not the CPU."""
        return {one.key: one for one in self.phones.facts}

    @property
    def sections(self) -> JsonObject:
        """What was measured besides the gates' outcomes, by the report's sections.

        What was not measured is not there.
        """
        found: dict[str, Facts | dict[str, DeviceFacts] | dict[str, NpuProof]] = {}
        if "compared" in self.__dict__:
            found["parity"] = self.compared
        if "emulated" in self.__dict__:
            found["emulator"] = self.emulated.facts
        if "phones" in self.__dict__:
            found["devices"] = self.devices
        if "npu" in self.__dict__ and "ran" in self.npu.__dict__:
            found["npu"] = self.npu.proofs
        return as_json(found)

    def close(self) -> None:
        """Close what was opened."""
        if self.is_open:
            for one in self.encoders:
                one.rag.close()
