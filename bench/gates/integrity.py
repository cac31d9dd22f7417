"""Is the bundle whole and unchanged? Nothing in it is opened before its digest is right."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import needed
from pocketrag.formats.data.no_questions import MEND, MISSING
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, at_most, failed, judged, passed, skipped, unchecked
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import MANIFEST, SUMS, Manifest, read_manifest
from pocketrag.pipeline.verdict import regressions

#: Fewer questions leave an interval of the mean overlap wider than one point.
LEAST_QUESTIONS = 200
#: No measure in [0, 1] can fall by more.
NO_LIMIT = -1.0
#: What every bundle holds besides the files of its encoders.
REQUIRED = (DATABASE, "search.sql", "NOTICE")


def contract(bundle: Path) -> Outcome:
    """Check that the manifest is of a version that this pocketrag reads, no key missing or unknown."""
    try:
        return passed(f"version {read_manifest(bundle).contract}")
    except InputError as error:
        return failed(str(error))


def digests(bundle: Path, manifest: Manifest) -> Outcome:
    """Check every file against `SHA256SUMS` and the manifest; a file too many or too few fails."""
    try:
        sums = files.read_sums(bundle)
        expected = {
            name: files.inside(bundle, name)
            for name in {*sums, *manifest.files, *REQUIRED, *needed(manifest)}
        }
    except InputError as error:
        return failed(str(error))
    problems = [
        problem
        for name, path in sorted(expected.items())
        if (problem := _problem(path, name, sums, manifest))
    ]
    there = {path.name for path in bundle.iterdir()}
    problems += [f"{name}: not listed in {SUMS}" for name in sorted(there - set(expected) - {SUMS})]
    detail = (
        "; ".join(problems) or f"{len(sums)} files, {sum(f.bytes for f in manifest.files.values()):,} bytes"
    )
    return judged(not problems, detail)


def _problem(path: Path, name: str, sums: dict[str, str], manifest: Manifest) -> str | None:
    if not path.is_file():
        return f"{name}: missing"
    found = files.sha256(path)
    entry = manifest.files.get(name)
    if name not in sums or (entry is None and name != MANIFEST):
        return f"{name}: not listed in {SUMS} and {MANIFEST}"
    if found != sums[name]:
        return f"{name}: its SHA-256 is {found[:12]}…, {SUMS} says {sums[name][:12]}…"
    if entry is not None and (found != entry.sha256 or path.stat().st_size != entry.bytes):
        return f"{name}: its SHA-256 or size is not what {MANIFEST} says"
    return None


def licences(bundle: Path, manifest: Manifest) -> Outcome:
    """Check that the bundle passes on what the licences ask for.

    A licence that nobody stated is unchecked.
    """
    if not (bundle / "NOTICE").read_text("utf-8", "replace").strip():
        return failed("NOTICE is empty")
    owed = {"model": "model.licence"} | {
        encoder.name: f"students.{encoder.name}.licence"
        for encoder in manifest.encoders
        if encoder.kind == "model"
    }
    if missing := [key for name, key in owed.items() if not manifest.licences.get(name)]:
        return unchecked(f"the recipe states none: set `{missing[0]}`")
    stated = ", ".join(f"{name}: {manifest.licences[name]}" for name in owed)
    return passed(f"{stated}; NOTICE is there")


def quality(_: Path, manifest: Manifest) -> Outcome:
    """Check that what ships is no worse than the float32 base, by vectors alone and as the app searches."""
    if not manifest.has_questions:
        return unchecked(f"{MISSING}; {MEND}")
    rows = [row for row in (manifest.verdict.shipped, manifest.verdict.searched) if row]
    if len(rows) < 2:
        return unchecked("the manifest holds no comparison of what ships with the base model")
    full, searched = manifest.full, manifest.verdict.searched
    if full and searched and searched["mode"] != full.fusion.mode:
        return failed(f"measured in the mode {searched['mode']}, ships as {full.fusion.mode}")
    worst = min(rows, key=lambda row: row["difference"])
    low, high = worst["interval"]
    detail = (
        f"{worst.get('mode', 'dense')}: nDCG@10 against the base in float32, "
        f"95 % interval {low:+.4f} to {high:+.4f}, n = {worst['n']}"
    )
    if manifest.verdict.accepted_regression:
        # Somebody took the loss upon himself: it is shown, and only a value that is not a number still fails.
        return at_least(worst["difference"], NO_LIMIT, f"a regression was accepted; {detail}")
    return at_least(worst["difference"], -manifest.limits.loss, detail)


def agreement(_: Path, manifest: Manifest) -> Outcome:
    """Check that the full encoder finds what the reference model finds, where the recipe sets a limit.

    Students are held to theirs by `student_agreement`.
    """
    full, limit = manifest.full, manifest.limits.overlap
    if full is None:
        return skipped("the full encoder is not in the bundle; student_agreement stands for this gate")
    found = full.agreement
    if limit is None:
        return skipped(
            "the recipe sets no `limits.overlap`" + (f"; measured {found.mean:.4f}" if found else "")
        )
    if found is None:
        why = "" if manifest.has_questions else f": {MISSING}"
        return unchecked(f"the manifest holds no comparison of what ships with the reference model{why}")
    if found.n < LEAST_QUESTIONS:
        return unchecked(
            f"measured on {found.n} questions; name {LEAST_QUESTIONS} or more in `data.unjudged`"
        )
    low, high = found.interval
    detail = (
        f"mean top-{found.top} overlap with the reference model, 95 % interval {low:.4f} to "
        f"{high:.4f}, n = {found.n}"
    )
    return at_least(found.mean, limit, detail)


def size(bundle: Path, manifest: Manifest) -> Outcome:
    """Check the size of the main encoder's model against the recipe's limit, with a tokenizer of its own."""
    limit, main = manifest.limits.model_megabytes, manifest.main
    counted = [main.file, *([main.embedder.tokenizer.file] if main.kind == "model" else [])]
    found, said = sum((bundle / name).stat().st_size for name in counted) / 1e6, " and ".join(counted)
    if limit is None:
        return skipped(f"{said}: {found:.1f} MB; the recipe sets no `limits.model_megabytes`")
    return at_most(found, limit, f"MB of {said}")


def verdict(_: Path, manifest: Manifest) -> Outcome:
    """Check that a tuned model ships only where the evidence in the manifest allows it."""
    decided = manifest.verdict
    if decided.ships == "base":
        return passed(f"base model; {decided.reason}")
    if not manifest.has_questions:
        return unchecked(f"tuned model; {decided.reason}")
    if not (decided.tuned and decided.shipped):
        return failed(f"tuned model without its comparisons with the base; {decided.reason}")
    worse = regressions(
        manifest.limits, {"float32": decided.tuned, "as shipped": decided.shipped}, decided.guard
    )
    if worse and decided.accepted_regression:
        return passed(f"tuned model that REGRESSED, accepted by --accept-regression: {'; '.join(worse)}")
    return judged(not worse, f"tuned model; {'; '.join([*worse, decided.reason])}")
