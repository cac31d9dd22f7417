"""Parquet, through pyarrow, which comes with the extra `train` (by way of `datasets`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketrag.errors import InputError


def parquet_rows(file: Path) -> list[dict[str, Any]]:
    """Read the rows of a Parquet file.

    Raises:
        InputError: pyarrow is not installed, or the file is broken.

    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise InputError(
            f"{file}: reading Parquet needs pyarrow: pip install pyarrow; it also comes with "
            "'pocketrag[train]')."
        ) from None
    try:
        rows = parquet.read_table(file).to_pylist()
    except (ArrowException, OSError) as error:
        raise InputError(f"{file}: not a readable Parquet file ({error}).") from None
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a column
    """Return a value as JSON could hold it; of bytes, which may be vectors or pictures, only the length."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
