"""Bundles that were changed and sealed again: whole by their digests, but not what was built."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

from pocketrag.formats import files
from pocketrag.formats.identity import model_id_of
from pocketrag.formats.layout import MODEL
from pocketrag.formats.manifest import MANIFEST, SUMS


def reseal(bundle: Path, **changed: object) -> Path:
    """Change keys of a bundle's manifest, and make its model id and SHA256SUMS fit."""
    manifest = {**json.loads((bundle / MANIFEST).read_text("utf-8")), **changed}
    sha256 = manifest["files"][MODEL]["sha256"]
    manifest["model_id"] = model_id_of(
        manifest["name"], manifest["version"], manifest["encoders"][0]["embedder"]["quantization"], sha256
    )
    (bundle / MANIFEST).write_text(files.to_json(manifest), "utf-8")
    (bundle / SUMS).unlink()
    (bundle / SUMS).write_text(
        "".join(f"{digest}  {name}\n" for name, digest in files.digests(bundle).items()), "utf-8"
    )
    return bundle


def xml(text: bytes) -> ElementTree.Element:
    """Parse what the code under test has just written."""
    return ElementTree.fromstring(text)


def again(bundle: Path, to: Path) -> Path:
    """Copy a bundle file by file, newest first, so that times and order on disk differ."""
    to.mkdir(parents=True)
    for path in sorted(bundle.iterdir(), reverse=True):
        shutil.copyfile(path, to / path.name)
    return to
