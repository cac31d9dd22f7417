"""Whether a phone's times can be trusted: was it hot, was it slower at the end, did repeats differ?"""

from __future__ import annotations

from . import state
from .phone_run import Run

#: The same length at the end, as a multiple of its first time, from which we say `throttled`. A choice: it
#: decides nothing.
THROTTLED = 1.25
#: Standard deviation of the runs as a share of their mean, from which we say `noisy`. A choice as well.
NOISY = 0.25


def _hot(run: Run) -> bool:
    return max(one.thermal_status or 0 for one in (run.before, run.after)) >= state.MODERATE


def throttled(run: Run) -> bool | None:
    """Whether the phone says that it is hot, or was slower at the end; None where nothing tells."""
    if run.source != "adb":
        return None
    return _hot(run) or (_slowdown(run) or 1.0) > THROTTLED


def _slowdown(run: Run) -> float | None:
    """Return the commonest length's time at the end as a multiple of its first."""
    return run.again.avg / run.timings[run.common].avg if run.again else None


def noisy(run: Run) -> bool:
    """Whether repeats of one length differ much."""
    return any(one.std > NOISY * one.avg for one in run.timings.values())


def caveats(run: Run) -> str:
    """Return what to add to a time that was measured so: nothing, or each trouble behind a comma."""
    words, slower = [], _slowdown(run) or 1.0
    if _hot(run):
        first, last = (state.thermal(one.thermal_status) for one in (run.before, run.after))
        words.append(f"throttled (thermal status {first} before, {last} after)")
    if slower > THROTTLED:
        words.append(
            f"{slower:.2f} times slower at the end "
            f"({'throttled' if _hot(run) else 'throttled, or other work ran'})"
        )
    if noisy(run):
        words.append("noisy")
    return "".join(f", {word}" for word in words)
