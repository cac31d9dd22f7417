"""Does the app's runtime read this tokenizer?"""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats.embedder.app_tokenizer import lacks
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import judged
from pocketrag.formats.manifest import Manifest


def tokenizer(bundle: Path, manifest: Manifest) -> Outcome:
    """Check that the Kotlin tokenizer has everything that the file asks for.

    The phone would refuse the bundle otherwise.
    """
    spec = manifest.embedder.tokenizer
    missing = lacks(bundle / spec.file, spec.kind)
    detail = (
        f"the app's runtime lacks {', '.join(missing)}"
        if missing
        else f"{spec.kind}: the app's runtime reads it"
    )
    return judged(not missing, detail)
