"""The kinds of devices that `--device` names, by how the name begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.golden import Golden

from . import hosted, measure
from .phone_run import Asked, Run


@dataclass(frozen=True)
class Kind:
    """One kind of device."""

    prefix: str
    ready: Callable[[Asked], None]
    """Refuses what can't be measured, before anything is computed."""
    measure: Callable[[Asked, Path, EmbedderSpec, Golden], list[Run]]
    """Takes what was asked, the bundle's folder, its main encoder and golden texts."""


#: The first whose prefix fits counts; a serial of adb has none.
KINDS = (
    Kind(hosted.PREFIX, hosted.ready, hosted.measure),
    Kind("", measure.ready, measure.measure),
)


def kind_of(device: str) -> Kind:
    """Return the kind of device that `--device` means."""
    return next(kind for kind in KINDS if device.startswith(kind.prefix))
