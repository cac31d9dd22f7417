"""Does the bundle compute what it says? These gates hold even where digests were put right after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pocketrag.errors import PocketragError
from pocketrag.formats import files
from pocketrag.formats.embedder.vectors_model import vectors_model_id
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, failed, judged, passed
from pocketrag.formats.golden import TOP, unpack
from pocketrag.formats.identity import model_id_of
from pocketrag.formats.layout import MAIN
from pocketrag.formats.tflite import weights_by_type
from pocketrag.recipe.quantization import quantization
from pocketrag.runtime.ranking import cosine

from . import limits
from .opened import Opened

if TYPE_CHECKING:
    from .examined import Examined

#: A golden file with fewer texts proves nothing, where the corpus has so many passages.
LEAST_GOLDEN = 8


def opens(bundle: Examined) -> Outcome:
    """Check that every encoder and the database open, and that model and database belong together."""
    try:
        encoders = bundle.encoders
    except PocketragError as error:
        return failed(str(error))
    names = f" of the encoders {', '.join(one.encoder.name for one in encoders)}" if len(encoders) > 1 else ""
    return passed(f"model, tokenizer and database{names}")


def model_id(opened: Opened) -> Outcome:
    """Check that manifest, golden file and the model's own bytes name one model, and who made the vectors.

    That is what manifest and database say together, and where the full encoder embedded the passages, what
    its bytes say.
    """
    manifest = opened.manifest
    own = files.sha256(opened.bundle / manifest.main.file)
    model = model_id_of(manifest.name, manifest.version, manifest.embedder.quantization, own)
    vectors = _made_by(opened)
    wanted = {"manifest": model, "golden": model, "vectors": vectors, "database": vectors}
    found = {
        "manifest": manifest.model_id,
        "golden": opened.golden.model_id,
        "vectors": manifest.vectors_model_id,
        "database": opened.rag.database.model_id,
    }
    wrong = [f"{where} {found[where]}, not {name}" for where, name in wanted.items() if found[where] != name]
    return judged(not wrong, "; ".join(wrong) or f"{model}; vectors of {vectors}")


def _made_by(opened: Opened) -> str:
    """Return the id that the vectors' model must have: by its bytes, where these are in the bundle."""
    manifest = opened.manifest
    by_full = "model_id" in manifest.vectors and manifest.vectors.get("documents") == "shipped"
    if not by_full or manifest.full is None:
        return manifest.vectors_model_id
    own = files.sha256(opened.bundle / manifest.full.file)
    return vectors_model_id(manifest.name, manifest.full.embedder.quantization, own)


#: Kinds of students whose table is int8; maps beside it are float32 (export/static/student_model.py).
TABLES = frozenset({"static", "model2vec"})


def weights(opened: Opened) -> Outcome:
    """Check that the model's weights are stored as its quantization says."""
    name, found = opened.encoder.embedder.quantization, weights_by_type(opened.bundle / opened.encoder.file)
    detail = f"{name}: " + ", ".join(f"{count:,} {type_}" for type_, count in found.items())
    if found != opened.encoder.weights or not found:
        return failed(f"{detail}; the manifest says {opened.encoder.weights}")
    if opened.encoder.kind in TABLES:
        return judged({"int8"} <= set(found) <= {"int8", "float32"}, detail)
    asked = quantization(name)
    return judged(asked.layer_types <= set(found) <= asked.types, detail)


def golden(opened: Opened) -> Outcome:
    """Check that the golden file still holds what the build put there.

    Distinct texts, both vectors, every ranking.
    """
    # The manifest counts the texts of the main encoder's file; another's digest is in it all the same.
    texts = opened.golden.texts
    wanted = opened.manifest.counts.golden if opened.encoder.role == MAIN else len(texts)
    questions = [t for t in texts if t.question]
    size = min(TOP, opened.manifest.counts.passages)
    least = min(LEAST_GOLDEN, opened.manifest.counts.passages)
    facts = {
        f"{len(texts)} texts, {wanted} were built": len(texts) == wanted,
        f"too few texts: {len(texts)} of at least {least}": len(texts) >= least,
        "no question": bool(questions),
        "texts repeat": len({t.prompted for t in texts}) == len(texts),
        "a ranking is missing": all(
            len(t.top.get(m, [])) == size for t in questions for m in ("dense", "hybrid")
        )
        and all("bm25" in t.top for t in questions),
        "the reference model's vectors are the shipped model's": opened.encoder.embedder.quantization
        == "float32"
        or any(t.twin != t.shipped for t in texts),
    }
    wrong = [name for name, ok in facts.items() if not ok]
    return judged(not wrong, "; ".join(wrong) or f"{len(texts)} texts, {len(questions)} questions")


def tokens(opened: Opened) -> Outcome:
    """Tokenize the golden texts again."""
    prompts = opened.encoder.embedder.prompts
    wrong = [t.prompted for t in opened.golden.texts if opened.rag.embedder.ids(t.prompted) != t.ids]
    wrong += [t.question for t in opened.golden.texts if t.question and prompts.ask(t.question) != t.prompted]
    return judged(
        not wrong, f"{len(wrong)} texts differ, such as {wrong[0][:60]!r}" if wrong else "same token ids"
    )


def shipped_parity(opened: Opened) -> Outcome:
    """Embed the golden texts again and compare with what the shipped model gave on the building machine."""
    if broken := int((~np.isfinite(opened.vectors).all(axis=1)).sum()):
        return failed(
            f"{broken} of {len(opened.vectors)} vectors are NaN or infinite: weights or scales are damaged"
        )
    cosines = cosines_to(opened, [t.shipped for t in opened.golden.texts])
    return at_least(cosines.min(), limits.LEAST_SHIPPED_COSINE, f"least cosine over {len(cosines)} texts")


def twin_parity(opened: Opened) -> Outcome:
    """Compare with the reference model; the limits are the recipe's, or its quantization's."""
    cosines = cosines_to(opened, [t.twin for t in opened.golden.texts])
    what = f"cosine to float32 over {len(cosines)} texts"
    wanted = limits.agreement(opened.encoder.embedder.quantization, opened.manifest.limits)
    return limits.hold(cosines.min(), cosines.mean(), wanted, what)


def lengths(opened: Opened) -> Outcome:
    """Embed golden texts through every length that holds them; all must agree."""
    spec, worst, n = opened.encoder.embedder, 1.0, 0
    for text in opened.golden.texts[:: max(1, len(opened.golden.texts) // 16)]:
        vectors = [
            opened.rag.embedder.embed_ids(text.ids, size) for size in spec.lengths if size >= len(text.ids)
        ]
        worst = min([worst, *(cosine(vectors[0], other) for other in vectors[1:])])
        n += len(vectors)
    detail = f"least cosine of one text through two lengths, {n} embeddings"
    return at_least(worst, limits.length_cosine(spec.quantization), detail)


def _share(opened: Opened, question: str, mode: str, wanted: list[str]) -> float:
    found = opened.rag.rank(question, mode=mode)[:TOP]  # type: ignore[arg-type]
    return len(set(wanted) & {id_ for id_, _ in found}) / len(wanted)


def ranking(opened: Opened) -> Outcome:
    """Rank the golden questions again, in every mode, and compare the top passages."""
    shares = [
        _share(opened, text.question, mode, wanted)
        for text in opened.golden.texts
        if text.question
        for mode, wanted in text.top.items()
        if wanted
    ]
    mean = float(np.mean(shares)) if shares else 0.0
    detail = f"mean top-{TOP} overlap with the golden ranking, {len(shares)} rankings"
    return at_least(mean, limits.LEAST_OVERLAP, detail)


def cosines_to(opened: Opened, packed: list[str]) -> np.ndarray:
    """Return the cosines [n] of the golden texts embedded now to packed vectors of theirs; -1 for no text."""
    dims, file = opened.encoder.embedder.dims, opened.encoder.golden
    pairs = zip(opened.vectors, (unpack(text, dims, file) for text in packed), strict=True)
    return np.array([cosine(left, right) for left, right in pairs] or [-1.0])
