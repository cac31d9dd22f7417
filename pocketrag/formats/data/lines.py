"""The lines of a text file, as the readers of JSONL and of judgements take them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pocketrag.errors import InputError


def read_lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of every line that is not blank, without its line end.

    Raises:
        InputError: the file can't be read, or a line is not UTF-8.

    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.") from None
    for number, raw in enumerate(data.split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file}:{number}: not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8."
            ) from None
        if line.strip():
            yield number, line
