"""Does a student land where its teacher lands, and does it find more than full text alone?

Every encoder that is not the full one is a student. Each gate looks at all students of a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import BaseModel, Field, ValidationError, model_validator

from pocketrag.errors import InputError
from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.facts.base import Interval, Number
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.facts.students import Negation
from pocketrag.formats.gate import ORDER, at_least, at_most, judged, passed, skipped, unchecked
from pocketrag.formats.golden import TOP, Text, unpack

from ...alike import ALIKE
from .. import computation
from ..opened import Opened

#: What is said of a bundle without one.
NONE = "no student ships"
#: Kind -> least cosine of a golden text to the student's own reference. A table and a linear map in int8 have
#: one scale a row and no activations to round. Other kinds are held as the full encoder is.
LEAST_TWIN = dict.fromkeys(computation.TABLES, 0.999)
#: How far below the overlap that was measured when the student was made the golden questions may stay: where
#: the overlaps of single questions have a standard deviation of .3 (assumed), the mean of 32 has one of .05.
SLACK = 0.1
#: Questions of another kind than those may agree less: so much of the way from chance to all is enough. The
#: static student measured so far came to .70 (French, 1 857 passages, 300 held-out questions).
ENOUGH = 0.3
#: Whatever it states, a student at chance is none: what was not taught by this teacher comes to chance.
LEAST_OVERLAP = 0.1
#: At most this share of questions may be alike.
MOST_ALIKE = 0.1


class AgainstBm25(BaseModel):
    """What a student's evidence says under `against_bm25`: nDCG@10 as the app searches, less full text's."""

    difference: Number
    interval: Interval
    n: int = Field(ge=1)

    @model_validator(mode="after")
    def _inside(self) -> AgainstBm25:
        low, high = self.interval
        if not low <= self.difference <= high:
            raise ValueError("the difference lies outside its interval")
        return self


def of_all(students: Sequence[Opened], gate: Callable[[Opened], Outcome]) -> Outcome:
    """Return the worst outcome of all students, with what is said of each."""
    if not students:
        return skipped(NONE)
    found = {one.encoder.name: gate(one) for one in students}
    worst = min(found.values(), key=lambda outcome: ORDER.index(outcome.outcome))
    return worst.model_copy(
        update={"detail": "; ".join(f"{name}: {one.detail}" for name, one in found.items())}
    )


def parity(opened: Opened) -> Outcome:
    """Embed the golden texts again: the same tokens, the shipped vectors, and those of its reference."""
    first = (computation.tokens(opened), computation.shipped_parity(opened))
    if wrong := [one for one in first if one.outcome != "pass"]:
        return wrong[0]
    if (least := LEAST_TWIN.get(opened.encoder.kind)) is None:
        return computation.twin_parity(opened)
    cosines = computation.cosines_to(opened, [text.twin for text in opened.golden.texts])
    return at_least(cosines.min(), least, f"least cosine to its reference over {len(cosines)} texts")


def agreement(opened: Opened) -> Outcome:
    """Compare the passages that the student's vectors find with those that the teacher's float vectors find.

    Mean top-10 overlap over the database, on the golden questions. The limit is `SLACK` below the overlap
    that the student's own evidence states, which was measured on more questions than these, but `ENOUGH` of
    the way from chance (10 of all passages) to 1 is always enough, and `LEAST_OVERLAP` of it never too much
    to ask. A student of another teacher or another corpus, one that was not trained, or one whose table was
    shuffled comes to about chance.
    """
    asked = _asked(opened)
    count, stored = len(asked), len(opened.rag.database.ids)
    if not asked or any(text.teacher is None for text, _ in asked):
        return unchecked(f"{opened.encoder.golden} has no teacher's vectors of its questions")
    if stored <= TOP:
        return skipped("so few passages that every vector finds them")
    shares = [_share(opened, text, vector) for text, vector in asked]
    chance = TOP / stored
    stated = (opened.encoder.evidence or {}).get("overlap")
    if isinstance(stated, bool) or not isinstance(stated, float | int) or not 0 <= stated <= 1:
        return unchecked("its evidence states no overlap")
    least, enough = (chance + share * (1 - chance) for share in (LEAST_OVERLAP, ENOUGH))
    of = f"by its evidence {stated:.3f}, by chance {chance:.3f}, {count} questions"
    return at_least(
        float(np.mean(shares)),
        max(least, min(stated - SLACK, enough)),
        f"mean top-{TOP} overlap with the teacher, {of}",
    )


def gain(opened: Opened) -> Outcome:
    """Check that searching with the student beats full text alone, by the lower end of the 95 % interval."""
    if not opened.manifest.has_questions:
        return unchecked(MISSING)
    found = (opened.encoder.evidence or {}).get("against_bm25")
    if found is None:
        return unchecked("the manifest holds no comparison of it with full text alone")
    try:
        row = AgainstBm25.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        return unchecked(f"`evidence.against_bm25.{'.'.join(map(str, first['loc']))}`: {first['msg']}")
    low, high = row.interval
    detail = (
        f"nDCG@10 {row.difference:+.4f} against full text alone, 95 % interval {low:+.4f} to {high:+.4f}, "
        f"n = {row.n}"
    )
    return judged(low > 0, detail).model_copy(update={"value": low, "limit": 0.0})


def blind(opened: Opened) -> Outcome:
    """Check that questions do not all look alike to the student; what it makes of negations is only said."""
    vectors = np.array([vector for _, vector in _asked(opened)], np.float32)
    said = _negation((opened.encoder.evidence or {}).get("negation"))
    if len(vectors) < 2:
        return skipped(f"fewer than two golden questions{said}")
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1.0)
    share = float((cosines.max(axis=1) > ALIKE).mean())
    detail = f"share of {len(vectors)} questions whose vector is another's too, cosine above {ALIKE}{said}"
    return at_most(share, MOST_ALIKE, detail)


def golden(opened: Opened) -> Outcome:
    """Check that its golden file is complete, of this bundle, and that its rankings are found again."""
    if opened.golden.model_id != opened.manifest.model_id:
        return judged(False, f"{opened.encoder.golden} is of the model {opened.golden.model_id!r}")
    if lacking := [text for text, _ in _asked(opened) if text.teacher is None]:
        return judged(False, f"{len(lacking)} questions lack the teacher's vector")
    found = (computation.golden(opened), computation.ranking(opened))
    if wrong := [one for one in found if one.outcome != "pass"]:
        return wrong[0]
    return passed("; ".join(one.detail for one in found))


def _asked(opened: Opened) -> list[tuple[Text, np.ndarray]]:
    """Return the golden questions, each with its vector float32 [dims] of now."""
    pairs = zip(opened.golden.texts, opened.vectors, strict=True) if opened.golden.texts else ()
    return [(text, vector) for text, vector in pairs if text.question]


def _share(opened: Opened, text: Text, vector: np.ndarray) -> float:
    taught = unpack(text.teacher or "", opened.encoder.embedder.dims, opened.encoder.golden)
    return opened.overlap(vector, taught)


def _negation(found: object) -> str:
    if not found:
        return ""
    try:
        row = Negation.read(found)
    except InputError as error:
        return f"; `evidence.negation`: {error}"
    return f"; {row}, such as {row.first[0]}" if row.first else f"; {row}"
