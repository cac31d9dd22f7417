"""Ctrl-C that is never lost.

Some libraries swallow KeyboardInterrupt, so it is remembered and raised at the next stage.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

_seen: list[int] = []


def watch() -> None:
    """Remember SIGINT from now on, besides raising KeyboardInterrupt."""
    _seen.clear()
    signal.signal(signal.SIGINT, _remember)
    sys.unraisablehook = _unraisable


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if SIGINT came since `watch`."""
    if _seen:
        raise KeyboardInterrupt


def _remember(number: int, _: FrameType | None) -> None:
    _seen.append(number)
    raise KeyboardInterrupt


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    # Python drops an exception that falls into a destructor, and prints a traceback; ours is remembered
    # already.
    if not isinstance(what.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(what)
