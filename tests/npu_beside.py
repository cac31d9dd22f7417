"""NPU files beside a bundle in tests: laid as `pocketrag npu` publishes them, of bytes that are no model."""

import json
from collections.abc import Callable
from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.layout import MODEL
from pocketrag.formats.manifest import read_manifest
from pocketrag.formats.npu import CONTRACT, NOTICE, SPEC, SUMS, npu_beside

SOCS = ("SM8650", "SM8750")
HEXAGON = {"SM8650": 75, "SM8750": 79}


def lay(bundle: Path, lengths: tuple[int, ...] | None = None) -> Path:
    """Write the files of `SOCS` for a bundle, by default for all of its lengths; return their folder."""
    manifest, folder = read_manifest(bundle), npu_beside(bundle)
    taken = list(lengths or manifest.embedder.lengths)
    folder.mkdir()
    (folder / NOTICE).write_text("Qualcomm's terms.\n")
    for soc in SOCS:
        (folder / f"{soc}.tflite").write_bytes(f"compiled for {soc}".encode())
    spec = {
        "contract": CONTRACT, "name": manifest.name, "version": manifest.version, "model": files.sha256(bundle / MODEL),
        "lengths": taken, "files": {soc: _file(folder / f"{soc}.tflite", taken) for soc in SOCS}, "tools": {}, "proofs": {},
    }  # fmt: skip
    (folder / SPEC).write_text(files.to_json(spec))
    seal(folder)
    return folder


def edit(folder: Path, change: Callable[[dict], object]) -> None:
    """Change `npu.json`, with digests that are right."""
    spec = json.loads((folder / SPEC).read_text())
    change(spec)
    (folder / SPEC).write_text(files.to_json(spec))
    seal(folder)


def seal(folder: Path) -> None:
    """Write `SHA256SUMS` anew."""
    found = sorted(path.name for path in folder.iterdir() if path.name != SUMS)
    (folder / SUMS).write_text(files.sums_text({name: files.sha256(folder / name) for name in found}))


def _file(file: Path, lengths: list[int]) -> dict:
    return {
        "file": file.name, "bytes": file.stat().st_size, "sha256": files.sha256(file), "hexagon": HEXAGON[file.stem],
        "signatures": [f"embed_{length}" for length in lengths],
    }  # fmt: skip
