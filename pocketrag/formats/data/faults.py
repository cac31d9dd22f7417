"""All faults of a file at once, so that nobody mends them one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pocketrag.errors import InputError

#: How many are named.
MOST = 20


class Faults:
    """Collects what is wrong with a file, line by line."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[str] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep the InputError of what runs inside, and go on.

        Raises:
            InputError: it is the last that is named; all are.

        """
        try:
            yield
        except InputError as error:
            self.found.append(str(error))
            if len(self.found) >= MOST:
                self.refuse(f" (The first {MOST}; there may be more.)")

    def refuse(self, ending: str = "") -> None:
        """Raise for what was collected; nothing where nothing was.

        Raises:
            InputError: names every fault, one a line.

        """
        if self.found:
            raise InputError("\n".join(self.found) + ending)
