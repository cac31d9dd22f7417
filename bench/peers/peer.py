"""What the comparison asks of an index: to be built once, opened in another process, and searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..timing.synthetic import Files

#: How many are found, and how deep a list is before it is fused with another.
FOUND, DEPTH = 10, 100


class Opened(Protocol):
    """An index that is open."""

    def dense(self, vector: np.ndarray) -> Sequence[str]:
        """Return the ids of the `FOUND` nearest of a vector float32 [dims], the best first."""
        ...

    def hybrid(self, text: str, vector: np.ndarray) -> Sequence[str]:
        """Return the same by vector and words."""
        ...

    def close(self) -> None:
        """Let go of it: another may open it then."""
        ...


@dataclass(frozen=True)
class Peer:
    """One index, as its own documentation says that it is used."""

    title: str
    build: Callable[[Path, Files], None]
    """Write all into a folder that is there and empty."""
    open: Callable[..., Opened]
    """Open the folder; keywords are those of a setting."""
    package: str = ""
    """On PyPI; empty where nothing beside SQLite is needed."""
    settings: dict[str, dict[str, Any]] = field(default_factory=lambda: {"": {}})
    """Name -> what searching is done with; the first one opens and searches by words too."""
    hybrid: bool = True
    """Whether it has full text."""

    @property
    def module(self) -> str:
        """What its package is imported as."""
        return self.package.removesuffix("-py").replace("-", "_")
