"""A corpus goes in, a verified Android asset bundle comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pocketrag.formats.layout import Role
    from pocketrag.runtime.rag import Rag

__all__ = ["__version__", "open"]
__version__ = "0.1.0"


def open(bundle: Path | str, *more: Path | str, start: Role = "main") -> Rag:
    """Open a bundle for searching, and more bundles of the same model beside it.

    `start` is the role of the encoder that is asked first, "main" or "fallback". See
    `pocketrag.runtime.rag.open_bundle`.

    >>> import pocketrag
    >>> with pocketrag.open("android_assets/demo") as rag:
    ...     answer = rag.search("Who may stop the clocks?", limit=2)
    >>> [hit.rank for hit in answer]
    [1, 2]

    Raises:
        InputError: one is not a bundle, was changed since it was built, or they don't belong together.

    """
    from pocketrag.runtime.rag import open_bundle  # what it imports is not needed for `pocketrag --help`

    return open_bundle(bundle, *more, start=start)
