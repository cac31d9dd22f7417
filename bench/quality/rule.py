"""Which encoder ships as the main one, and which beside it: the rule of the ladder (ARCHITECTURE.md)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pocketrag.formats.bundle_encoder import FULL
from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.facts.students import Compared, Measured, Rung
from pocketrag.formats.layout import FALLBACK, MAIN
from pocketrag.recipe.students import Ship

#: Said of an encoder that was measured and may not ship.
NOT_NAMED = "not among `ship.encoders`"


def decide(measured: Sequence[Compared], ship: Ship, limits: Limits, may: Collection[str]) -> list[Rung]:
    """Return every encoder as a rung, the smallest first, with its role and why.

    Args:
        measured: all encoders, the full one among them.
        ship: what the main one may lose.
        limits: of which `model_megabytes` is known without a phone.
        may: names of those that may ship.

    """
    rising = sorted(measured, key=_size)
    named = [one for one in rising if one.name in may]
    worth: list[Compared] = []
    for one in named:  # what is itself worth nothing beats none of the larger ones
        if not _beaten_by(one, worth):
            worth.append(one)
    main, why = _main(worth, ship, limits)
    beside = _fallback(worth, main)
    return [
        one.into(
            Rung,
            role=MAIN if one is main else FALLBACK if one is beside else None,
            meets_limits=_meets(one, limits),
            why=why
            if one is main
            else f"the best of the smaller ones that beat full text; {_distance(one, ship)}"
            if one is beside
            else NOT_NAMED
            if one not in named
            else _why_not(one, main, ship, limits, worth),
        )
        for one in rising
    ]


def is_smaller(one: Measured, other: Measured) -> bool:
    """Say whether an encoder comes before another one in the ladder: by its bytes, of equals by its name."""
    return _size(one) < _size(other)


def _size(one: Measured) -> tuple[int, str]:
    return one.bytes, one.name


def _main(rising: list[Compared], ship: Ship, limits: Limits) -> tuple[Compared, str]:
    fit = [one for one in rising if _meets(one, limits) and _beats(one)]
    close = [one for one in fit if _close(one, ship)]
    if close:
        alone = close[0].against_full is None
        return close[0], f"{'no smaller one' if alone else 'the smallest that'} comes close enough"
    if fit:
        best = max(fit, key=lambda one: one.modes[one.mode].ndcg_10)
        return best, "the best within `limits.model_megabytes`"
    return rising[-1], "no other is left"


def _beaten_by(one: Compared, worth: list[Compared]) -> Compared | None:
    """Return a smaller student that is not shown to find less; of the full model other gates decide."""
    if one.name == FULL or not _beats(one):
        return None
    for other in worth:
        if other.name != FULL and is_smaller(other, one) and _beats(other):
            shown = one.against_smaller.get(other.name)
            if shown is None or shown.verdict != "WIN":
                return other
    return None


def _fallback(rising: list[Compared], main: Compared) -> Compared | None:
    smaller = [one for one in rising if is_smaller(one, main) and _beats(one)]
    # A larger one that finds no more than a smaller one is worth nothing.
    return max(smaller, key=lambda one: (one.modes[one.mode].ndcg_10, -one.bytes), default=None)


def _meets(one: Compared, limits: Limits) -> bool:
    return limits.model_megabytes is None or one.bytes <= limits.model_megabytes * 1e6


def _beats(one: Compared) -> bool:
    # Nothing ships instead of full text that is not better than it; of the teacher other gates decide.
    return one.name == FULL or one.against_bm25.verdict == "WIN"


def _close(one: Compared, ship: Ship) -> bool:
    if one.against_full is None:
        return True
    return one.against_full.difference >= -ship.loss and one.against_full.interval[0] > -ship.worst_loss


def _why_not(one: Compared, main: Compared, ship: Ship, limits: Limits, worth: list[Compared]) -> str:
    if not _beats(one):
        return "no better than full text"
    if other := _beaten_by(one, worth):
        return f"not shown to find more than {other.name}, which is smaller{_shown(one, other)}"
    if not _meets(one, limits):
        return f"over {limits.model_megabytes:g} MB, `limits.model_megabytes`"
    if not _close(one, ship):
        return _distance(one, ship)
    return f"{main.name} is smaller" if one.bytes > main.bytes else "another one stands beside the main one"


def _shown(one: Compared, other: Compared) -> str:
    if (found := one.against_smaller.get(other.name)) is None:
        return ""
    low, high = found.interval
    return f": {found.difference:+.3f} [{low:+.3f}, {high:+.3f}]"


def _distance(one: Compared, ship: Ship) -> str:
    if one.against_full is None:
        return "the full model"
    lost, worst = -one.against_full.difference, -one.against_full.interval[0]
    said = f"loses {lost:.3f} (limit {ship.loss:g})" if lost >= 0 else f"finds {-lost:.3f} more"
    return f"{said}, perhaps loses {worst:.3f} (limit {ship.worst_loss:g})"
