"""The line of `check` about `export.litertlm`: can LiteRT-LM take the model, and is it here to prove that?"""

from __future__ import annotations

from importlib import util

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.engine_tokenizer import engine_faults
from pocketrag.formats.embedder.families import CAPABILITIES
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import failed, passed, unchecked
from pocketrag.runtime import embedding_engine

from .check_embedder import ABSENT
from .seen import Seen

BUILDER = "litert_lm_builder"


def litertlm(seen: Seen) -> Outcome:
    """Say whether the base can be written for EmbeddingEngine, and the gate `litertlm_parity` can run.

    Raises:
        InputError: its family or its tokenizer can't.

    """
    if seen.folder is None:
        return unchecked(ABSENT)
    embedder = read_embedder(seen.folder)
    if embedder.family in CAPABILITIES and (faults := list(engine_faults(embedder))):
        raise InputError(" ".join(faults))
    if not util.find_spec(BUILDER):
        return failed("litert-lm-builder is not installed: pip install 'pocketrag[export]'")
    if why := embedding_engine.obstacle():
        return failed(f"the gate litertlm_parity could not be checked: {why}")
    return passed(
        f"{embedder.family}; LiteRT-LM {embedding_engine.version()} proves the file; the bundle holds the "
        "weights twice"
    )
