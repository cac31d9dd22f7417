"""When, where and with what something was measured."""

from __future__ import annotations

from ..base import Amount, Count, Facts


class Machine(Facts):
    """The machine, without its name."""

    system: str
    architecture: str
    processor: str | None
    """Null where the system does not name it."""
    cores: Count | None
    """Those that the process may use."""
    memory_gb: Amount | None
    """10^9 bytes."""


class EnvironmentFacts(Facts):
    """Where a section of a report was measured; null is what could not be found out."""

    time: str
    """ISO 8601, UTC."""
    machine: Machine
    versions: dict[str, str]
    """Package -> version, "python" included."""
    commit: str | None
    """Of the working directory."""
    dirty: bool | None
    """Whether tracked files there had changes."""


class Measured(Facts):
    """A section of a report; mixed in as the first base, so that the environment comes last."""

    environment: EnvironmentFacts
