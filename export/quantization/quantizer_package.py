"""The quantizer under either of its names: ai-edge-quantizer, which is litert-quantizer from 0.11 on."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from types import ModuleType

#: Distribution -> what it is imported as. The first that is installed is taken: the one that is pinned.
NAMES = {"ai-edge-quantizer": "ai_edge_quantizer", "litert-quantizer": "litert_quantizer"}


def installed() -> str:
    """Return the distribution that is installed; the pinned one's name where none is."""
    return next((name for name, module in NAMES.items() if find_spec(module)), next(iter(NAMES)))


def quantizer_module(part: str) -> ModuleType:
    """Import a module of the quantizer, such as "recipe".

    Raises:
        ModuleNotFoundError: it is installed under neither name.

    """
    return import_module(f"{NAMES[installed()]}.{part}")


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of the quantizer and of other packages, by name."""
    return {name: metadata.version(name) for name in sorted((*packages, installed()))}
