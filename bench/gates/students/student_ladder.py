"""Does the manifest's ladder give its encoders their roles, and do they claim what it holds?

Digests show that a file is the one that was built. Here what was built is held against itself: by the rule of
the ladder, its own numbers must lead to these roles, and what the gates read of an encoder must be its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.bundle_encoder import Encoder
from pocketrag.formats.facts.measures import Comparison
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.facts.students import LadderFacts, Rung
from pocketrag.formats.gate import failed, judged, skipped
from pocketrag.formats.golden import read_golden, unpack
from pocketrag.formats.manifest import Manifest
from pocketrag.recipe.students import Ship
from pocketrag.reference.metrics import verdict
from pocketrag.runtime.ranking import cosine

from ...quality.rule import NOT_NAMED, decide
from .student import NONE

#: Least cosine of two float32 vectors of one text by one model on one machine: rounding leaves 1e-6.
SAME = 0.9999
#: What rounding may have taken from a stored difference or interval.
ROUNDED = 1e-6


def ladder(bundle: Path, manifest: Manifest) -> Outcome:
    """Check roles, evidence and agreement of all encoders against the ladder, and the teacher's vectors."""
    if manifest.ladder is None:
        students = [encoder.name for encoder in manifest.encoders if not encoder.is_full]
        return failed(f"no ladder says why {students[0]} ships") if students else skipped(NONE)
    try:
        found = LadderFacts.read(manifest.ladder, "ladder")
        problems = [*_claims(manifest, found), *_sizes(bundle, manifest, found), *_verdicts(found)]
        problems += _teachers(bundle, manifest)
        problems += _roles(manifest, found) if not problems else []
    except InputError as error:
        return failed(str(error))
    detail = "; ".join(problems) or f"{len(found.rungs)} encoders measured, {len(manifest.encoders)} ship"
    return judged(not problems, detail)


def _roles(manifest: Manifest, found: LadderFacts) -> Iterator[str]:
    ship = Ship(loss=found.loss, worst_loss=found.worst_loss)
    may = {rung.name for rung in found.rungs if rung.why != NOT_NAMED}
    ruled = {rung.name: rung.role for rung in decide(found.rungs, ship, manifest.limits, may) if rung.role}
    ships = {encoder.name: encoder.role for encoder in manifest.encoders}
    if ruled != ships:
        yield f"by its numbers {_said(ruled)}, in the bundle {_said(ships)}"


def _claims(manifest: Manifest, found: LadderFacts) -> Iterator[str]:
    rungs = {rung.name: rung for rung in found.rungs}
    for encoder in manifest.encoders:
        if (rung := rungs.get(encoder.name)) is None:
            yield f"{encoder.name} is not in the ladder"
        else:
            yield from _differing(encoder, rung)


def _differing(encoder: Encoder, rung: Rung) -> Iterator[str]:
    if encoder.evidence != rung.as_evidence():
        yield f"the evidence of {encoder.name} is not its row of the ladder"
    if not encoder.is_full and encoder.agreement != rung.overlap:
        yield f"the agreement of {encoder.name} is not its row's overlap"


def _sizes(bundle: Path, manifest: Manifest, found: LadderFacts) -> Iterator[str]:
    # The order of the ladder is that of the sizes.
    rungs = {rung.name: rung for rung in found.rungs}
    for encoder in manifest.encoders:
        model = (bundle / encoder.file).stat().st_size
        tokenizer = (bundle / encoder.embedder.tokenizer.file).stat().st_size
        said = rungs[encoder.name].bytes if encoder.name in rungs else model
        if said not in (model, model + tokenizer):
            yield f"the ladder says that {encoder.name} has {said:,} bytes, it has {model:,}"


def _verdicts(found: LadderFacts) -> Iterator[str]:
    """Check that each comparison's verdict is that of its numbers, which are rounded to six digits."""
    for rung in found.rungs:
        for name, row in _comparisons(rung):
            low, high = row.interval
            words = {verdict(row.difference, low + step, high + step) for step in (-ROUNDED, 0.0, ROUNDED)}
            if row.verdict not in words or not low - ROUNDED <= row.difference <= high + ROUNDED:
                numbers = f"{row.difference:+.4f} [{low:+.4f}, {high:+.4f}]"
                yield f"{rung.name} against {name}: {row.verdict} is not the verdict of {numbers}"


def _comparisons(rung: Rung) -> Iterator[tuple[str, Comparison]]:
    named = {"full": rung.against_full, "full text": rung.against_bm25, "base": rung.against_base}
    yield from ((name, row) for name, row in named.items() if row)
    yield from rung.against_smaller.items()


def _teachers(bundle: Path, manifest: Manifest) -> Iterator[str]:
    """Compare the teacher's vectors of a student's golden questions with the full encoder's own reference."""
    if manifest.full is None:
        return
    own = {text.question: text.twin for text in read_golden(bundle / manifest.full.golden).texts}
    for encoder in manifest.encoders:
        texts = [] if encoder.is_full else read_golden(bundle / encoder.golden).texts
        if strange := [one.question for one in texts if one.question and one.question not in own]:
            yield f"{encoder.golden}: asks {strange[0]!r}, and the full encoder's golden file does not"
        pairs = [(one.teacher, own[one.question]) for one in texts if one.teacher and one.question in own]
        vectors = [[unpack(side, encoder.embedder.dims, encoder.golden) for side in pair] for pair in pairs]
        least = min((cosine(taught, twin) for taught, twin in vectors), default=1.0)
        if least < SAME:
            yield f"{encoder.golden}: a teacher's vector is not the full encoder's, cosine {least:.4f}"


def _said(roles: Mapping[str, str]) -> str:
    return ", ".join(f"{name} is {role}" for name, role in sorted(roles.items())) or "none ships"
