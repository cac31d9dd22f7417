"""The NPU files beside a bundle, `NAME.npu`: held to the bundle, and laid so that each phone gets its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.layout import MODEL
from pocketrag.formats.npu import AGAIN, NOTICE, SPEC, SUFFIX, NpuSpec, npu_beside, read_npu

from .assets import Carried
from .device_groups import OTHER, soc_group


@dataclass(frozen=True)
class Compiled:
    """A bundle's NPU files; `digests` are those of `SHA256SUMS`, by name."""

    folder: Path
    spec: NpuSpec
    digests: dict[str, str]

    @property
    def socs(self) -> tuple[str, ...]:
        """The systems on a chip that they are for."""
        return tuple(sorted(self.spec.files))

    @property
    def largest(self) -> int:
        """The bytes of the largest file: a phone gets one."""
        return max(file.bytes for file in self.spec.files.values())

    def laid(self) -> dict[str, str]:
        """Return where each file lies below a pack's folder of bundles -> its name here.

        Every group has `npu.json`, so that a phone without a file of its own can say which there are.
        """
        folders = {soc_group(soc): (SPEC, NOTICE, self.spec.files[soc].file) for soc in self.socs}
        return {
            f"{self.spec.name}{SUFFIX}#group_{group}/{name}": name
            for group, names in {**folders, OTHER: (SPEC, NOTICE)}.items()
            for name in names
        }


def compiled(bundle: Carried) -> Compiled | None:
    """Return the NPU files beside a bundle; None where there are none.

    Raises:
        InputError: they are damaged, of another contract, bundle or version, or of another model.

    """
    folder = npu_beside(bundle.folder)
    if not files.is_there(folder):
        return None
    spec = read_npu(folder)
    manifest = bundle.manifest
    if (spec.name, spec.version) != (manifest.name, manifest.version):
        raise InputError(
            f"{folder / SPEC}: is of {spec.name} {spec.version}, the bundle is {manifest.name} "
            f"{manifest.version}; {AGAIN}."
        )
    if spec.model != bundle.files[MODEL]:
        raise InputError(
            f"{folder / SPEC}: `model` is another than {bundle.folder / MODEL}, of which the files must be "
            f"made; {AGAIN}."
        )
    return Compiled(folder, spec, files.read_sums(folder))
