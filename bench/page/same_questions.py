"""Whether several bundles were judged on the same questions: where not, their measures can't be compared."""

from __future__ import annotations

from collections.abc import Sequence

from .blocks import LabelledReport, count


def warnings(labelled: Sequence[LabelledReport]) -> list[str]:
    """Return what has to be said above all else of several reports: nothing where one can compare them."""
    judged = [one for one in labelled if _n(one) is not None]
    if len(judged) < 2:
        return []
    groups = _groups(judged)
    if len(groups) > 1:
        parts = "; ".join(f"{', '.join(names)}: {count(n)} questions" for n, names in groups)
        return [
            f"These bundles were judged on different questions, so their quality can't be compared: {parts}."
        ]
    if any(_digest(one) is None for one in judged):
        return ["Nothing shows that these bundles were judged on the same questions: a report does not tell."]
    return []


def same(one: LabelledReport, other: LabelledReport) -> bool:
    """Say whether it is certain that two reports were judged on the same questions."""
    return _digest(one) is not None and _n(one) == _n(other) and _digest(one) == _digest(other)


def _groups(judged: Sequence[LabelledReport]) -> list[tuple[int | None, list[str]]]:
    # Reports that certainly differ: by number, or by what both say of their questions.
    found: list[tuple[LabelledReport, list[str]]] = []
    for one in judged:
        alike = next((names for first, names in found if not _differ(first, one)), None)
        if alike is None:
            found.append((one, [one.label]))
        else:
            alike.append(one.label)
    return [(_n(first), names) for first, names in found]


def _differ(one: LabelledReport, other: LabelledReport) -> bool:
    if _n(one) != _n(other):
        return True
    return None not in (_digest(one), _digest(other)) and _digest(one) != _digest(other)


def _n(one: LabelledReport) -> int | None:
    quality = one.facts.quality
    shipped = quality.shipped or quality.base if quality else None
    return shipped.n if shipped else None


def _digest(one: LabelledReport) -> str | None:
    return one.facts.questions.sha256 if one.facts.questions else None
