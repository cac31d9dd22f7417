"""NPU files put where they belong: `npu.json`, NOTICE and digests beside them, all beside a bundle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pocketrag.console import status

from .. import files
from ..facts.npu import NpuProof, NpuSpec
from . import NOTICE, SPEC, SUMS, read_spec

#: What whoever ships the files agrees to; docs/npu.md says it at length.
TERMS = """\
The .tflite files here hold contexts that Qualcomm's AI Engine Direct (QAIRT) compiled, and no library of it.
To run them an app carries Qualcomm's runtime, under Qualcomm's own terms (Qualcomm_LICENSE.pdf of the
package onnxruntime-qnn): an app may carry what it needs of it; handing it on by itself is not allowed.
"""


def write_npu(folder: Path, spec: NpuSpec, notice: str) -> None:
    """Write `npu.json`, NOTICE and the digests beside the compiled files of a folder."""
    (folder / NOTICE).write_text(f"{notice.rstrip()}\n\n{TERMS}", "utf-8")
    (folder / SPEC).write_text(files.to_json(spec.as_json()), "utf-8")
    _write_sums(folder, spec)


def publish_npu(made: Path, target: Path, proofs: Mapping[str, NpuProof]) -> None:
    """Copy NPU files to `target` with what was proved of them, unless the same lies there.

    Args:
        made: the folder of the stage `npu`.
        target: where it goes; what lies there stays whole if anything fails.
        proofs: by system on a chip.

    """
    spec = read_spec(made)
    spec = NpuSpec.model_validate({**dict(spec), "proofs": dict(proofs)})
    with files.new_folder(target) as fresh:
        for name in (NOTICE, *(file.file for file in spec.files.values())):
            shutil.copyfile(made / name, fresh / name)
        (fresh / SPEC).write_text(files.to_json(spec.as_json()), "utf-8")
        _write_sums(fresh, spec)
    status(f"published {target}")


def _write_sums(folder: Path, spec: NpuSpec) -> None:
    names = (NOTICE, SPEC, *(file.file for file in spec.files.values()))
    text = files.sums_text({name: files.sha256(folder / name) for name in names})
    (folder / SUMS).write_text(text, "utf-8")
