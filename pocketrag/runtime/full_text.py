"""Full text: filling a database's tables, and ranking by it without a bundle, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import zip_longest

import apsw

from pocketrag.android_assets import sql
from pocketrag.formats.data.beir import Passage, Question, parent_of

from . import ranking
from .folding import folded
from .queries import FullText
from .ranking import Run
from .words import Words, count_words, rows, stems_of

#: Every entry of the index, in its order. As bytes: FTS5 cuts a long word after 32 768 of them, which may be
#: in mid-letter.
ENTRIES = (
    "CREATE VIRTUAL TABLE temp.entries USING fts5vocab('main', 'chunks_fts', 'instance')",
    'SELECT CAST(term AS BLOB), doc, col, "offset" FROM temp.entries',
)
#: What BM25 reads beside them and FTS5's own check does not: each passage's length, and the count of all in
#: row 1 of its data.
SIZES = (
    "SELECT id, sz FROM chunks_fts_docsize ORDER BY id",
    "SELECT block FROM chunks_fts_data WHERE id = 1",
)
#: How the tables are made; those that FTS5 makes for itself are its own affair.
SCHEMA = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'chunks_fts_*'"
#: What is counted of words and stems.
COUNTS = ("SELECT * FROM words ORDER BY word", "SELECT * FROM stems ORDER BY stem")


def fill(connection: apsw.Connection, passages: Sequence[Passage], words: Words) -> None:
    """Create the schema in an empty database; write the passages and their index, in corpus order."""
    for statement in sql("schema.sql").split(";\n"):
        connection.execute(statement)
    connection.executemany(
        (
            "INSERT INTO chunks (n, id, title, text, source, page, parent, metadata) VALUES (?, "
            "?, ?, ?, ?, ?, ?, ?)"
        ),
        ((n, *row(p)) for n, p in enumerate(passages, start=1)),
    )
    index(connection, passages, words)
    known, stems = rows(passages, words)
    connection.executemany("INSERT INTO words (word, passages, stem) VALUES (?, ?, ?)", known)
    connection.executemany("INSERT INTO stems (stem, passages) VALUES (?, ?)", stems)
    connection.execute("INSERT INTO metadata (key, value) VALUES ('total_chunks', ?)", (str(len(passages)),))


def index(connection: apsw.Connection, passages: Sequence[Passage], words: Words) -> None:
    """Fill `chunks_fts`, and leave it in one piece: the same passages give the same bytes."""
    connection.executemany(
        "INSERT INTO chunks_fts (rowid, title, text, stems) VALUES (?, ?, ?, ?)",
        (
            (n, folded(p.title), folded(p.text), f"{stems_of(p.title, words)} {stems_of(p.text, words)}")
            for n, p in enumerate(passages, start=1)
        ),
    )
    connection.execute("INSERT INTO chunks_fts (chunks_fts) VALUES ('optimize')")


def row(p: Passage) -> tuple[object, ...]:
    """Return what `chunks` holds of a passage: id, title, text, source, page, parent, metadata as JSON."""
    metadata = json.dumps(p.metadata, ensure_ascii=False, sort_keys=True)
    return (
        p.id,
        p.title,
        p.text,
        p.metadata.get("source"),
        p.metadata.get("page"),
        parent_of(p.metadata),
        metadata,
    )


def is_whole(connection: apsw.Connection) -> bool:
    """Say whether the full text of a database is that of its passages.

    FTS5's own check, then every entry made once more.
    """
    copy = apsw.Connection(":memory:")
    with copy.backup("main", connection, "main") as backup:
        backup.step()
    again = apsw.Connection(":memory:")
    try:
        # A write: an asset is not written.
        copy.execute("INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('integrity-check', 0)")
        passages = _passages(copy)
        fill(again, passages, _words(copy, passages))
        made = set(again.execute(SCHEMA)) <= set(copy.execute(SCHEMA))
        return made and all(
            _same(copy.execute(query), again.execute(query)) for query in (*ENTRIES, *SIZES, *COUNTS)
        )
    except (apsw.Error, KeyError, ValueError, UnicodeDecodeError):
        return False


def full_text(passages: Sequence[Passage], questions: Sequence[Question], words: Words | None = None) -> Run:
    """Rank the passages for every question by BM25, over words alone unless stems are given."""
    connection = apsw.Connection(":memory:")
    fill(connection, passages, words or count_words(passages))
    asked = FullText(connection)
    return {q.id: asked.bm25(q.text, ranking.DEPTH) for q in questions}


def _passages(connection: apsw.Connection) -> list[Passage]:
    rows = connection.execute("SELECT id, title, text, metadata FROM chunks ORDER BY n")
    return [Passage(id_, title, text, json.loads(metadata)) for id_, title, text, metadata in rows]


def _words(connection: apsw.Connection, passages: list[Passage]) -> Words:
    known = list(connection.execute("SELECT word, passages, stem FROM words"))
    stem_of = {word: stem for word, n, stem in known if n and stem is not None}
    return Words(count_words(passages).counts, stem_of, {word: stem for word, n, stem in known if not n})


def _same(left: Iterable[object], right: Iterable[object]) -> bool:
    # One by one: a large corpus has tens of millions of entries.
    return all(a == b for a, b in zip_longest(left, right))
