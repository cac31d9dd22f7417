"""Rows of a chunk file -> passages in the BEIR layout."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.text_checks import UNFIT, check_text

from .fields import Found, as_text
from .ids import assign, check_distinct, same, with_ids
from .rows import Row, leaf

#: A page and what may follow it: "12", "12.0", "p. 12", "12-13", "pages 12, 13". The first number is the
#: page.
PAGE = re.compile(
    r"\s*(?:pages?|pp?\.?)?\s*([0-9]{1,10})(?:\.0+)?(?:\s*[-–—,/]\s*[0-9]{1,10})*\s*", re.IGNORECASE
)
#: Keys of `metadata` that have a meaning; another field of that name gets a `_` behind it.
LABELS = ("source", "page", "parent", "category", "language")


@dataclass
class Corpus:
    """The passages, and what became of the rows."""

    records: list[dict[str, Any]] = field(default_factory=list)
    """Lines of `corpus.jsonl`."""
    resolve: dict[str, str] = field(default_factory=dict)
    """The id that the file gave, as `ids.same` spells it -> the passage's."""
    made: list[dict[str, str]] = field(default_factory=list)
    """Lines of `ids.jsonl`: where ids were made, `_id`, what the file gave (`was`) and its place (`row`)."""
    empty: int = 0
    unusable_pages: int = 0


def read_passages(file: Path, rows: Sequence[Row], found: Found, skip_empty: bool) -> Corpus:
    """Turn rows into passages.

    Raises:
        InputError: a text is empty (unless `skip_empty`) or no text, or two rows have one id; the message
            names the places.

    """
    corpus = Corpus()
    full = [row for row in rows if not is_empty(row, found["text"])] if skip_empty else list(rows)
    corpus.empty = len(rows) - len(full)
    if not full:
        raise InputError(f"{file}: no row holds a text in `{found['text']}`.")
    full = with_ids(full, found.get("id"))
    given = [row.fields[found["id"]] if "id" in found else "" for row in full]
    check_distinct([row.where for row in full], given)
    ids = assign(given, _names(file, full, found))
    for row, was, id_ in zip(full, given, ids, strict=True):
        corpus.records.append(_record(row, id_, found, corpus))
        if was != id_:
            corpus.made.append(
                {"_id": id_, "was": was, "row": row.where.removeprefix(str(file)).lstrip(": ")}
            )
    # What the file gave goes before what was made: a made id may look like another row's given one.
    corpus.resolve = {same(id_): id_ for id_ in ids} | {
        same(was): id_ for was, id_ in zip(given, ids, strict=True) if was
    }
    return corpus


def is_empty(row: Row, name: str) -> bool:
    """Whether the row has no text in that field."""
    value = row.fields.get(name)
    return value is None or (isinstance(value, str) and not value.strip())


def rest(row: Row, found: Found, metadata: dict[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Add the fields that are none of ours, unchanged; one whose name is taken gets a `_` behind it.

    Raises:
        InputError: a value holds what is not text.

    """
    for name, value in row.fields.items():
        if name not in found.values():
            keep(metadata, leaf(name), value, labels)
    try:
        text = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise InputError(
            f"{row.where}: a field holds a number beyond all floats, which becomes "
            "infinity; write it smaller."
        ) from None
    if UNFIT.search(text):
        raise InputError(f"{row.where}: a field holds a lone surrogate, which is not text.")
    return metadata


def keep(metadata: dict[str, Any], key: str, value: Any, labels: Sequence[str] = ()) -> None:  # noqa: ANN401 - any JSON value
    """Put a value into `metadata` under the key.

    Under the key with `_` behind it where it is taken or a label.
    """
    while key in metadata or key in labels:
        key += "_"
    metadata[key] = value


def _names(file: Path, rows: Sequence[Row], found: Found) -> list[str]:
    # For rows without an id: the source and the row's number in it.
    counts: Counter[str] = Counter()
    names = []
    for row in rows:
        source = as_text(row.fields.get(found.get("source", ""))) or file.stem
        counts[source] += 1
        names.append(f"{source}#{counts[source]}")
    return names


def _record(row: Row, id_: str, found: Found, corpus: Corpus) -> dict[str, Any]:
    fields = {name: row.fields.get(theirs) for name, theirs in found.items()}
    check_text(row.where, found["text"], fields["text"] if fields["text"] is not None else "")
    title = as_text(fields.get("title"))
    check_text(row.where, "title", title)
    page, labels_of_page = _page(fields.get("page"))
    corpus.unusable_pages += "page_label" in labels_of_page
    labels = {label: page if label == "page" else as_text(fields.get(label)) for label in LABELS}
    metadata = {label: value for label, value in labels.items() if value not in (None, "")} | labels_of_page
    return {
        "_id": id_,
        "title": title,
        "text": fields["text"],
        "metadata": rest(row, found, metadata, LABELS),
    }


def _page(value: Any) -> tuple[int | None, dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """Return the page, and what to keep beside it: the value where it says more, or is not a page."""
    page = _number(value)
    if page is None:
        return None, {"page_label": value} if as_text(value) else {}
    return page, {} if re.fullmatch(r"\s*[0-9]+(\.0+)?\s*", as_text(value)) else {"pages": value}


def _number(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, bool) or not isinstance(first, str | int | float):
        return None
    match = PAGE.fullmatch(str(first))
    return int(match[1]) if match and int(match[1]) < 2**31 else None


def lines(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records)
