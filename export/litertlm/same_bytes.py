"""Writes a `.litertlm`, the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

#: Where the messages of a `.litertlm` are.
PROTO = "litert_lm_builder.runtime.proto"
#: litert-lm-builder writes a random id and the time into each file. Nothing reads them.
PINNED = {"uuid": "00000000-0000-0000-0000-000000000000", "creation_timestamp": "1970-01-01T00:00:00+00:00"}


def write_same(file: Any, out: Path) -> None:  # noqa: ANN401 - no types
    """Write what a `LitertLmFileBuilder` holds to `out`."""
    from litert_lm_builder import litertlm_builder as builder

    def populate(given: Sequence[Any]) -> list[Any]:
        rows = [row for row in given if row.key not in PINNED]
        return rows + [builder.Metadata(key, value, builder.DType.STRING) for key, value in PINNED.items()]

    with mock.patch.object(builder, "populate_system_metadata", populate), out.open("w+b") as stream:
        file.build(stream)
