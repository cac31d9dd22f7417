"""`pocketrag verify`, and the stage of the same name."""

from __future__ import annotations

from typing import Literal

from .base import Count, Facts
from .environment import EnvironmentFacts
from .outcome import GateFacts


class VerifiedFacts(Facts):
    """What the gates of a build found."""

    bundle: str
    for_: Literal["build", "release"]
    exit: Count
    gates: tuple[GateFacts, ...]
    environment: EnvironmentFacts
