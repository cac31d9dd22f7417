"""Any facts as a table, for verbs without a view of their own: readable, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pocketrag.console import out, table
from pocketrag.formats.facts.base import Facts

#: A mapping of so many values or fewer stands in one row.
IN_A_ROW = 4
MEGABYTE = 10**6


def show_plain(facts: Facts) -> None:
    """Print a row a fact, and a table for each list of several facts."""
    values = facts.as_json()
    lists = {key: value for key, value in values.items() if _is_table(value)}
    rows = [row for key, value in values.items() if key not in lists for row in _rows(words(key), value)]
    table("", ("fact", "value"), rows)
    for key, found in lists.items():
        _table(words(key), found)  # type: ignore[arg-type]


def words(key: str) -> str:
    """Return a fact's name as it is read."""
    return key.replace("_", " ")


def said(value: object, key: str = "") -> str:
    """Return one value as people write it; the fact's name says what it is measured in."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        large = key.endswith("bytes") and value >= MEGABYTE
        return f"{value / MEGABYTE:,.1f} MB" if large else f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f} s" if key.endswith("seconds") else f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{words(name)} {said(one, name)}" for name, one in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(said(one) for one in value) or "none"
    return str(value)


def _rows(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and (len(value) > IN_A_ROW or any(map(_holds_more, value.values()))):
        for key, one in value.items():
            yield from _rows(f"{name}: {words(key)}", one)
    else:
        yield name, said(value, name)


def _holds_more(value: object) -> bool:
    return isinstance(value, Mapping) or _is_table(value)


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    out.print()
    table(name, [*map(words, columns)], [[said(row.get(key), key) for key in columns] for row in rows])
