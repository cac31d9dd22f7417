"""JSONL whose lines are read strictly, all faults at once, and of which none may stand there twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

from pocketrag.errors import InputError

from .faults import Faults
from .lines import read_lines
from .text_checks import json_object

T = TypeVar("T")


def read_distinct(
    file: Path,
    keys: str,
    read: Callable[[str, int, dict[str, Any]], T],
    same: Callable[[T], Hashable],
    what: str,
) -> list[T]:
    """Read a file of JSON objects in file order.

    Args:
        file: JSONL.
        keys: that an object has, for messages.
        read: where it stands, line number, object -> what it is; raises InputError.
        same: what two lines must not have in common.
        what: a line is, for messages.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, none that `read` takes, or
            the same as an earlier one.

    """
    found: list[T] = []
    seen: dict[Hashable, int] = {}
    faults = Faults()
    for number, line in read_lines(file):
        where = f"{file}:{number}"
        with faults.collected():
            one = read(where, number, json_object(where, line, keys))
            if (said := same(one)) in seen:
                raise InputError(f"{where}: the same {what} stands in line {seen[said]} already.")
            seen[said] = number
            found.append(one)
    faults.refuse()
    if not found:
        raise InputError(f"{file}: is empty; expected one JSON object with {keys} a line.")
    return found
