"""One line of a checklist, and its three outcomes."""

from __future__ import annotations

from dataclasses import dataclass

PASS, FAIL, UNCHECKED = "pass", "fail", "unchecked"


@dataclass(frozen=True)
class Line:
    """What was checked, how it went, and why; a failure's detail says how to mend it."""

    check: str
    outcome: str
    detail: str
