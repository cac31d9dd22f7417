"""The gates of a comparison with the float embedder; `pocketrag parity` runs the same beside `verify`."""

from __future__ import annotations

import numpy as np

from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.measures import Agreement, Comparison, CosineOfTexts
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.facts.parity import Padding, TokenCounts
from pocketrag.formats.gate import at_least, judged, unchecked
from pocketrag.formats.golden import TOP

from ..comparison.sides import Both
from ..comparison.subject import Subject
from . import limits

#: Fewer questions say little about a mean overlap: its standard error is then above .02.
LEAST_ASKED = 30


def tokens(pieces: TokenCounts) -> Outcome:
    """Hold every text to the float model's pieces, where none was trimmed."""
    detail = (
        f"{pieces.same} of {pieces.n} texts have the same pieces, {pieces.trimmed} others want "
        "tokens that were trimmed"
    )
    if pieces.wrong:
        detail = (
            f"{pieces.wrong} of {pieces.n} texts are cut otherwise for no reason, such as {pieces.example!r}"
        )
    return judged(not pieces.wrong, detail)


def finite_vectors(both: Both) -> Outcome:
    """Hold every vector to numbers and to length 1."""
    norms = np.linalg.norm(both.shipped, axis=1)
    wrong = ~(np.abs(norms - 1) <= limits.UNIT)  # NaN too
    detail = f"{int(wrong.sum())} of {len(norms)} vectors are not finite and of length 1"
    return judged(
        not wrong.any(),
        f"{detail}, such as that of {both.texts[int(wrong.argmax())][:60]!r}" if wrong.any() else detail,
    )


def cosine(subject: Subject, found: CosineOfTexts) -> Outcome:
    """Hold the cosines to the float model's vectors to the limits of the recipe, or of its quantization."""
    return limits.hold(found.least, found.mean, subject.wanted, f"cosine to float32 over {found.n} texts")


def padding(subject: Subject, found: Padding) -> Outcome:
    """Hold one text through two lengths to one vector."""
    limit = limits.length_cosine(subject.spec.quantization)
    return at_least(
        or_nan(found.least), limit, f"least cosine of one text through two lengths, {found.n} texts"
    )


def overlap(subject: Subject, overlap: Agreement) -> Outcome:
    """Hold the passages that are found to those that the float model finds."""
    low, high = overlap.interval
    detail = (
        f"mean top-{TOP} overlap with the reference model, 95 % interval {low:.4f} to "
        f"{high:.4f}, n = {overlap.n}"
    )
    if overlap.n < LEAST_ASKED:
        return unchecked(
            f"{detail}; fewer than {LEAST_ASKED} questions tell nothing, name more with --queries"
        )
    return at_least(overlap.mean, subject.wanted.overlap, detail)


def quality(subject: Subject, ndcg: Comparison | None) -> Outcome:
    """Hold nDCG@10 to that of the float model, where there are judgements."""
    if ndcg is None:
        return unchecked("no judgements: name --queries FILE and --qrels FILE")
    low, high = ndcg.interval
    detail = (
        f"nDCG@10 against the reference model, dense, 95 % interval {low:+.4f} to {high:+.4f}, n = {ndcg.n}"
    )
    return at_least(ndcg.difference, -subject.limits.loss, detail)
