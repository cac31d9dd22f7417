"""Does LiteRT-LM's EmbeddingEngine give the bundle's own vectors and ranks?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.litertlm_header import MODEL_KEY, prompts_in, read_texts
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, failed, skipped, unchecked
from pocketrag.formats.golden import TOP
from pocketrag.formats.layout import LITERTLM
from pocketrag.runtime import embedding_engine
from pocketrag.runtime.embedding_engine import EngineError
from pocketrag.runtime.ranking import cosine

from ..limits import LEAST_OVERLAP, Agreement, hold
from ..opened import Opened

#: Both run the same matrices, so only sums differ in their order; in int8 that moves a few roundings.
WANTED = Agreement(least=0.9999, mean=0.9999, overlap=LEAST_OVERLAP)
AGAIN = "run `pocketrag build` again"


def parity(opened: Opened) -> Outcome:
    """Embed the golden texts with the engine, and compare with the bundle's own embedder."""
    if LITERTLM not in opened.manifest.files:
        return skipped("the recipe asks for none (`export.litertlm`)")
    if fault := next(_of_another(opened), None):
        return failed(fault)
    if why := embedding_engine.obstacle():
        return unchecked(why)
    texts = opened.golden.texts
    try:
        vectors = embedding_engine.embed(opened.bundle / LITERTLM, [text.prompted for text in texts])
    except EngineError as error:
        return failed(str(error))
    dims = opened.encoder.embedder.dims
    if vectors.shape != (len(texts), dims):
        return failed(f"{LITERTLM}: gives {vectors.shape[-1]} dims, and the bundle's model {dims}")
    return _compared(opened, vectors)


def _of_another(opened: Opened) -> Iterator[str]:
    """Yield why the file is not the bundle's: damaged, of another model, or with other prompts."""
    try:
        said = read_texts(opened.bundle / LITERTLM)
    except InputError as error:
        yield str(error)
        return
    if said.get(MODEL_KEY) != files.sha256(opened.bundle / opened.encoder.file):
        yield f"{LITERTLM}: made of another model than {opened.encoder.file}; {AGAIN}"
    if prompts_in(said) != opened.encoder.embedder.prompts:
        yield f"{LITERTLM}: its prompts are not the manifest's; {AGAIN}"


def _compared(opened: Opened, vectors: np.ndarray) -> Outcome:
    pairs = list(zip(opened.golden.texts, vectors, opened.vectors, strict=True))
    cosines = np.array([cosine(theirs, ours) for _, theirs, ours in pairs])
    by = f"to {opened.encoder.file} by LiteRT-LM {embedding_engine.version()}"
    found = hold(cosines.min(), cosines.mean(), WANTED, f"cosine {by} over {len(cosines)} texts")
    shares = [opened.overlap(theirs, ours) for text, theirs, ours in pairs if text.question]
    if found.outcome == "fail" or not shares:
        return found
    ranks = f"top-{TOP} overlap {np.mean(shares):.4f} of {len(shares)} questions"
    if np.mean(shares) < WANTED.overlap:
        return at_least(float(np.mean(shares)), WANTED.overlap, f"mean {ranks} {by}")
    return found.model_copy(update={"detail": f"{found.detail}; {ranks}"})
