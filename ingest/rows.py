"""JSON, JSON lines and CSV, read as rows that know their place in the file.

What stood below `metadata` stands beside the rest.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.text_checks import UNFIT

from .charset import ADVICE, text_of
from .parquet import parquet_rows
from .shapes import Content, recognised

#: A longer field is more likely a quote that nobody closed than a chunk.
FIELD_LIMIT = 10_000_000
DELIMITERS = ",;\t|"
#: Excel's first line, which names the delimiter.
SEPARATOR = re.compile(r"""\A"?sep=([^"\r\n])"?[ \t;,]*(?:\r\n|\r|\n)""", re.IGNORECASE)
#: Where LangChain, LlamaIndex and BEIR (`metadata`) and Haystack (`meta`) keep what is not text, and Weaviate
#: and Qdrant what was stored.
NESTED = ("metadata", "meta", "properties", "payload")


@dataclass(frozen=True)
class Row:
    """One record; what stood below `metadata` has a key such as `metadata.source`."""

    where: str
    """File and line, or the item's number in a JSON list."""
    fields: dict[str, Any]


@dataclass(frozen=True)
class Source:
    """What a file holds."""

    rows: list[Row]
    """Chunks; of a plain table, whatever it is about."""
    questions: list[Row] | None = None
    """Where the file is of a shape that holds them beside the chunks."""


def read_source(file: Path, encoding: str | None = None) -> Source:
    """Read a JSON list (bare, or under one key), JSON lines, CSV with a header, Parquet, or a known shape.

    All but Parquet may be packed with gzip. `encoding` is the charset of text that is not Unicode.

    Raises:
        InputError: the file can't be read or decoded, holds no rows, or a row is malformed; the message
            names the line.

    """
    if file.suffix.lower() == ".parquet":
        return _table(file, list(_numbered(file, parquet_rows(file))))
    text = decoded(file, encoding)
    name = Path(file.stem) if file.suffix.lower() == ".gz" else file
    kind, start = name.suffix.lower(), text.lstrip()[:1]
    if kind in (".csv", ".tsv") or start not in ("[", "{"):
        return _table(file, list(csv_rows(file, text)))
    whole = None if kind in (".jsonl", ".ndjson") and start == "{" else _json(file, text)
    if whole is None:
        return _table(file, list(_lines(file, text)))
    content = recognised(whole)
    return _known(file, content) if content else Source(_rows(file, _numbered(file, _listed(file, whole))))


def _table(file: Path, found: list[tuple[str, Any]]) -> Source:
    content = recognised([record for _, record in found])
    return _known(file, content) if content else Source(_rows(file, found))


def _known(file: Path, content: Content) -> Source:
    questions = None if content.questions is None else _rows(file, _numbered(file, content.questions))
    return Source(_rows(file, _numbered(file, content.chunks)), questions)


def _numbered(file: Path, records: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{file}: item {number}", record) for number, record in enumerate(records, start=1))


def _rows(file: Path, found: Iterable[tuple[str, Any]]) -> list[Row]:
    rows = [Row(where, _flat(where, record)) for where, record in found]
    if not rows:
        raise InputError(f"{file}: holds no rows; expected a JSON list, JSON lines, or CSV with a header.")
    return rows


def decoded(file: Path, encoding: str | None) -> str:
    """Return a file's text, unpacked if its name ends in `.gz`.

    Raises:
        InputError: it can't be read or decoded; the message names the line.

    """
    try:
        data = file.read_bytes()
        data = gzip.decompress(data) if file.suffix.lower() == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:  # BadGzipFile is an OSError
        raise InputError(f"{file}: {getattr(error, 'strerror', None) or error}.") from None
    try:
        return text_of(data, otherwise=encoding)
    except UnicodeDecodeError as error:
        before = data.removeprefix(codecs.BOM_UTF8)[: error.start]
        line, byte = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        charset = error.encoding.upper().replace("_", "-")
        raise InputError(f"{file}:{line}: not {charset} (byte {byte} of the line); {ADVICE}.") from None


def _json(file: Path, text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a file's JSON value; None where it holds JSON lines, as many a `.json` does."""
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return None
        raise InputError(f"{file}:{error.lineno}: not JSON ({error.msg}, column {error.colno}).") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON ({error}).") from None


def _listed(file: Path, whole: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    if isinstance(whole, list):
        return whole
    lists = {
        key: value
        for key, value in whole.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    if len(lists) > 1:
        raise InputError(f"{file}: holds several lists ({listed(lists)}); keep the one that is meant.")
    return next(iter(lists.values())) if lists else [whole]


def _lines(file: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield f"{file}:{number}", _loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{file}:{number}: not JSON ({error}).") from None


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_distinct)


def _no_constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is not JSON; write null")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The json module would keep the last of two values and say nothing.
    record = dict(pairs)
    if len(record) < len(pairs):
        twice = next(key for key in record if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return record


def csv_rows(file: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield place and cells by column of each row; columns are parted by any of `DELIMITERS`.

    Raises:
        InputError: the text is no CSV, names a column twice, or a row has more or fewer cells than the
            header.

    """
    before, header = csv.field_size_limit(FIELD_LIMIT), None
    named = SEPARATOR.match(text)
    mark = named[1] if named else delimiter(text)
    body = text[named.end() :] if named else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=mark, strict=True)
    line, skipped = 1 + bool(named), bool(named)
    try:
        for cells in reader:
            if header is None and any(cells):
                header = _header(f"{file}:{line}", cells)
            elif header is not None and cells:
                yield f"{file}:{line}", _cells(f"{file}:{line}", header, cells)
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise InputError(f"{file}:{line}: not CSV ({error}); the row starts in this line.") from None
    finally:
        csv.field_size_limit(before)


def delimiter(text: str) -> str:
    """Return the delimiter that gives the first row the most cells; the comma where none does."""
    start = text.lstrip()[: 1 << 16]
    widths = {
        mark: len(next(csv.reader(io.StringIO(start, newline=""), delimiter=mark), [])) for mark in DELIMITERS
    }
    return max(DELIMITERS, key=lambda mark: widths[mark])


def _header(where: str, cells: list[str]) -> list[str]:
    # pandas leaves the name of its index empty.
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError(f"{where}: the header names {twice!r} twice; rename one of the columns.")
    return header


def _cells(where: str, header: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InputError(
            f"{where}: the row has {len(cells)} fields and the header {len(header)}; is a quote missing?"
        )
    return dict(zip(header, cells, strict=True))


def _flat(where: str, record: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    if not isinstance(record, dict):
        raise InputError(f"{where}: expected an object with named fields, found {type(record).__name__}.")
    flat: dict[str, Any] = {}
    for key, value in record.items():
        inner = _object(value) if key.lower() in NESTED else None
        for name, item in (
            ((key, value),) if inner is None else ((f"{key}.{name}", item) for name, item in inner.items())
        ):
            if name in flat:
                raise InputError(f"{where}: has {name!r} twice, once below `{key}`; rename one of them.")
            if UNFIT.search(name):
                raise InputError(
                    f"{where}: the field name {name!r} holds a NUL or a lone surrogate, which is not text."
                )
            flat[name] = item
    return flat


def _object(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any JSON value
    # A CSV can hold `metadata` only as text.
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = _loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def leaf(name: str) -> str:
    """Return a field's name without the `metadata.` before it."""
    return re.sub(rf"^(?:{'|'.join(NESTED)})\.", "", name, flags=re.IGNORECASE)


def listed(names: Iterable[str]) -> str:
    """Return field names as a message shows them."""
    return ", ".join(f"`{name}`" for name in names)
