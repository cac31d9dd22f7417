"""What an encoder makes of a question and its negation: the same vector, or two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketrag.formats.facts.students import Negation
from pocketrag.runtime.rag import Rag

from ..alike import ALIKE

#: Pairs that are shown.
SHOWN = 3


def negation(rag: Rag, pairs: Sequence[tuple[str, str]]) -> Negation:
    """Embed pairs of questions; say how many find the same passage, and how many come out equal (`ALIKE`)."""
    vectors = [(rag.embed(text), rag.embed(negated)) for text, negated in pairs]
    # What it has no token of is zeros: one question like the other.
    cosines = np.array([float(one @ other) if one.any() or other.any() else 1.0 for one, other in vectors])
    same = sum(rag.nearest(one, 1)[0][0] == rag.nearest(other, 1)[0][0] for one, other in vectors)
    equal = [
        f"{text} / {negated}" for (text, negated), one in zip(pairs, cosines, strict=True) if one > ALIKE
    ]
    return Negation(
        n=len(pairs),
        same_first=same,
        equal=len(equal),
        mean_cosine=round(float(cosines.mean()), 4),
        first=tuple(equal[:SHOWN]),
    )
