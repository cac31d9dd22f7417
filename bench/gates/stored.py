"""Are the stored vectors those of their passages? They are embedded again, and compared in blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pocketrag.console import progress
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, at_most, failed, skipped
from pocketrag.formats.tokenizer import fit
from pocketrag.recipe.long_passages import LongPassages
from pocketrag.reference.float_vectors import shorten
from pocketrag.sampling import spread

from .opened import Opened

if TYPE_CHECKING:
    from .examined import Examined

#: Stored int8 vectors against the same passages embedded again: int8 rounding of unit vectors costs at most
#: this.
LEAST_PASSAGE_COSINE = 0.995
#: Vectors of the reference model against the shipped one's. Longer passages are compared with their parts'
#: mean: .82 was seen.
LEAST_TWIN_PASSAGE_COSINE = 0.7
#: How much nearer another passage's vector may be: near-duplicates change places by less than this.
NEAR = 0.02
#: Up to so many passages all are embedded again; of more, so many evenly spread ones. Each is compared with
#: the vectors of all.
MOST = 20_000
#: Passages compared at once: 100 MB of float32 for 100 000 stored ones.
BLOCK = 256


def by_full(bundle: Examined) -> Outcome:
    """Run `passages` with the full encoder: no student embeds passages."""
    if bundle.manifest.vectors.get("side") == "question":
        return by_base(bundle.opened, bundle.means.base)
    if (full := bundle.full) is None:
        return skipped("the full encoder is not in the bundle; student_agreement stands for this gate")
    return passages(full)


def by_base(opened: Opened, base: Mapping[str, np.ndarray] | None) -> Outcome:
    """Compare the stored vectors with those that the base gave the passages, by id, float32 [all dims].

    Where questions alone were tuned, no model of the bundle made them; only the build has the base's.
    """
    if base is None:
        return skipped(
            "questions alone were tuned: the base made the vectors and is not in the bundle; the build "
            "compared them with the base's own"
        )
    ids, stored = opened.rag.database.ids, unit(opened.rag.database.vectors)
    if {*ids} != {*base}:
        return failed("its passages are not those that the base embedded")
    wanted = shorten(np.stack([base[id_] for id_ in ids]), stored.shape[1])
    own = (wanted * stored).sum(1)
    worst = int(own.argmin())
    detail = f"least cosine of a stored vector to the base's ({ids[worst]}), {len(ids)} passages"
    return at_least(own[worst], LEAST_PASSAGE_COSINE, detail)


def passages(opened: Opened) -> Outcome:
    """Embed the passages again.

    Its own stored vector must be the nearest, or as near as two alike passages can be.

    Up to `MOST` passages all are: a sample would miss a swapped pair. Where the model that ships made the
    vectors, they must be equal too, up to int8.
    """
    db, documents = opened.rag.database, opened.manifest.vectors["documents"]
    chosen = spread(list(range(len(db.ids))), MOST)
    own, behind = _compare(_again(opened, [db.ids[i] for i in chosen]), unit(db.vectors), chosen)
    worst = int(behind.argmax())
    if not behind[worst] <= NEAR:
        detail = (
            f"{db.ids[chosen[worst]]}: its own vector is {behind[worst]:.4f} farther than another's; vectors "
            "belong to other passages"
        )
        return at_most(behind[worst], NEAR, detail)
    limit = LEAST_PASSAGE_COSINE if documents == "shipped" else LEAST_TWIN_PASSAGE_COSINE
    worst = int(own.argmin())
    of = "" if len(chosen) == len(db.ids) else f" evenly spread of {len(db.ids):,}"
    detail = f"least cosine of a passage to its vector ({db.ids[chosen[worst]]}), {len(chosen)} passages{of}"
    return at_least(own[worst], limit, detail)


def unit(rows: np.ndarray) -> np.ndarray:
    """Return int8 [n, dims] as unit vectors float32 [n, dims]."""
    floats = rows.astype(np.float32)
    return np.asarray(floats / np.linalg.norm(floats, axis=1, keepdims=True), np.float32)


def _compare(again: np.ndarray, stored: np.ndarray, chosen: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return float [m]: cosines to the own vector, and how much nearer the nearest other is.

    Args:
        again: float32 [m, dims].
        stored: float32 [n, dims], all passages.
        chosen: the m places of `again` among them.

    """
    own, behind = np.empty(len(again), np.float32), np.empty(len(again), np.float32)
    for at in progress(range(0, len(again), BLOCK), "Comparing with the stored vectors"):
        block = slice(at, min(at + BLOCK, len(again)))
        cosines = again[block] @ stored.T
        own[block] = cosines[np.arange(len(cosines)), list(chosen[block])]
        behind[block] = cosines.max(axis=1) - own[block]
    return own, behind


def _again(opened: Opened, ids: Sequence[str]) -> np.ndarray:
    db, embedder = opened.rag.database, opened.rag.embedder
    texts = [embedder.spec.prompts.passage(p["title"], p["text"]) for p in map(db.passage, ids)]
    rows = [embedder.tokenize(text) for text in progress(texts, "Tokenizing the passages again")]
    vectors = opened.manifest.vectors
    policy: LongPassages = vectors["long_passages"]
    if vectors["documents"] == "float":
        # What the reference model took whole can be longer than the phone's longest length: the mean of its
        # parts comes nearest.
        rows, policy = (
            [row if policy == "split" else fit(row, int(vectors["longest"])) for row in rows],
            "split",
        )
    return embedder.embed_rows(rows, policy, "Embedding the passages again")
