"""Does the app's runtime read the tokenizers?"""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats.embedder.app_tokenizer import lacks
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import judged
from pocketrag.formats.manifest import Manifest


def tokenizer(bundle: Path, manifest: Manifest) -> Outcome:
    """Check that the Kotlin tokenizer has everything that the files of all encoders ask for.

    The phone would refuse the bundle otherwise.
    """
    specs = {one.embedder.tokenizer.file: one.embedder.tokenizer for one in manifest.encoders}.values()
    missing = [word for spec in specs for word in lacks(bundle / spec.file, spec.kind)]
    kinds = ", ".join(dict.fromkeys(spec.kind for spec in specs))
    detail = (
        f"the app's runtime lacks {', '.join(missing)}" if missing else f"{kinds}: the app's runtime reads it"
    )
    return judged(not missing, detail)
