"""The field names that teams use, as a table, and which of a file's fields is which of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .rows import Row, leaf, listed


@dataclass(frozen=True)
class Field:
    """One of our fields, and what others call it; case, `_`, `-` and spaces make no difference."""

    name: str
    beir: str | None
    """Where it stands in a file that is in the BEIR layout already."""
    theirs: tuple[str, ...]
    weak: tuple[str, ...] = ()
    """Taken only where none of `theirs` is there: libraries write these beside the better one."""
    needed: bool = False


ID = ("id", "uuid")
CATEGORY = ("category", "topic")
LANGUAGE = ("language", "lang")

PASSAGE = (
    Field("id", "_id", (*ID, "chunk_id", "passage_id"), ("doc_id",)),
    Field(
        "text",
        "text",
        ("text", "content", "chunk", "chunk_text", "body", "passage", "page_content"),
        needed=True,
    ),
    Field("title", "title", ("title", "heading", "section", "name")),
    Field(
        "source",
        "metadata.source",
        ("source", "file", "filename", "document", "doc", "url", "path"),
        ("file_path",),
    ),
    Field("page", "metadata.page", ("page", "page_number", "page_no", "pages"), ("page_label",)),
    Field("parent", "metadata.parent", ("parent", "parent_id", "section_id")),
    Field("category", "metadata.category", CATEGORY),
    Field("language", "metadata.language", LANGUAGE),
)

QUESTION = (
    Field("question_id", "_id", (*ID, "question_id", "query_id", "qid")),
    Field("question", "text", ("question", "query", "text", "q", "prompt"), needed=True),
    Field(
        "expected",
        None,
        (
            *(
                "expected",
                "expected_id",
                "expected_ids",
                "expected_chunk",
                "expected_chunks",
                "expected_chunk_id",
            ),
            *(
                "expected_chunk_ids",
                "relevant",
                "relevant_id",
                "relevant_ids",
                "relevant_chunks",
                "relevant_chunk_ids",
            ),
            *(
                "positive",
                "positives",
                "positive_id",
                "positive_ids",
                "answers",
                "answer_ids",
                "chunk_ids",
                "passage_ids",
            ),
            *("ground_truth_id", "ground_truth_ids", "gold", "gold_id", "gold_ids", "gold_chunk_ids"),
        ),
        ("chunk_id", "passage_id", "corpus_id", "doc_id", "doc_ids"),
    ),
    Field("score", None, ("score", "relevance", "grade")),
    Field("difficulty", "metadata.difficulty", ("difficulty", "level")),
    Field("question_category", "metadata.category", CATEGORY),
    Field("question_language", "metadata.language", LANGUAGE),
    Field("answerable", None, ("answerable", "is_answerable")),
    Field("unanswerable", None, ("unanswerable", "is_unanswerable", "is_impossible")),
)

#: Our name -> the file's; a field that the file lacks is not in it.
Found = dict[str, str]


def named_fields(options: Sequence[str]) -> dict[str, str]:
    """Read `NAME=THEIRS` options; an empty THEIRS means that there is no such field.

    Raises:
        InputError: an option has no `=`, an unknown name, or a name that stood before.

    """
    named: dict[str, str] = {}
    known = [field.name for field in (*PASSAGE, *QUESTION)]
    for option in options:
        name, equals, theirs = (part.strip() for part in option.partition("="))
        if not equals or name not in known:
            raise InputError(
                f"--field {option}: expected NAME=THEIRS, where NAME is one of {', '.join(known)}."
            )
        if name in named:
            raise InputError(f"--field {option}: `{name}` is named already ({named[name]!r}); name it once.")
        named[name] = theirs
    return named


def recognise(file: Path, rows: Sequence[Row], table: Sequence[Field], named: Mapping[str, str]) -> Found:
    """Return which of the file's fields is which of ours: by what the user named, then by the table.

    Raises:
        InputError: a named field is not there, a needed one isn't, or several could be the same one of ours;
            the message says how to choose.

    """
    columns = list(dict.fromkeys(name for row in rows for name in row.fields))
    chosen = {f.name: _named(file, f.name, named[f.name], columns) for f in table if f.name in named}
    free = [column for column in columns if column not in chosen.values()]
    beir = {"_id", "text"} <= set(columns)
    candidates = {f.name: _candidates(f, free, rows, beir) for f in table if f.name not in chosen}
    if torn := {name: several for name, several in candidates.items() if len(several) > 1}:
        raise InputError(f"{file}: {'; '.join(_torn(name, several) for name, several in torn.items())}.")
    found = {name: theirs for name, theirs in chosen.items() if theirs} | {
        name: c[0] for name, c in candidates.items() if c
    }
    for field in table:
        if field.needed and field.name not in found:
            raise InputError(
                f"{file}: no field is known to be the {field.name}; found {listed(columns)}. Name it: "
                f"--field {field.name}=THEIRS."
            )
    return {field.name: found[field.name] for field in table if field.name in found}


def _named(file: Path, name: str, theirs: str, columns: Sequence[str]) -> str:
    if not theirs or theirs in columns:
        return theirs
    alike = [c for c in columns if _key(theirs) in (_key(c), _key(leaf(c)))]
    if len(alike) != 1:
        raise InputError(f"{file}: --field {name}={theirs}: no such field; found {listed(columns)}.")
    return alike[0]


def _candidates(field: Field, columns: Sequence[str], rows: Sequence[Row], beir: bool) -> list[str]:
    if beir and field.beir is not None and field.beir in columns:
        return [field.beir]
    for names in (field.theirs, field.weak):
        keys = {_key(name) for name in names}
        if found := [c for c in columns if _key(leaf(c)) in keys]:
            return _distinct(found, rows)
    return []


def _distinct(found: list[str], rows: Sequence[Row]) -> list[str]:
    # Fields that are empty throughout, or say the same as the first, leave nothing to choose.
    filled = [c for c in found if any(row.fields.get(c) not in (None, "", [], {}) for row in rows)] or found[
        :1
    ]
    return [c for n, c in enumerate(filled) if n == 0 or any(_differ(row, filled[0], c) for row in rows)]


def _differ(row: Row, one: str, other: str) -> bool:
    return bool(row.fields.get(one) != row.fields.get(other))


def _key(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _torn(name: str, several: list[str]) -> str:
    return f"{listed(several)} could each be the {name}: choose with --field {name}={several[0]}"


def as_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a scalar or a JSON value as text; nothing as the empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
