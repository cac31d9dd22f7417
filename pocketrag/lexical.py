"""Full-text ranking without a bundle: the same FTS5 table and query, in memory."""

from __future__ import annotations

import json

import apsw

from pocketrag import ranking
from pocketrag.android_assets import sql
from pocketrag.beir import Passage, Question
from pocketrag.database import QUERIES, fts_query
from pocketrag.metrics import Run


def fill(connection: apsw.Connection, passages: list[Passage]) -> None:
    """Create schema 1 in an empty database and write the passages and their full-text index, in corpus order."""
    for statement in sql("schema.sql").split(";\n"):
        connection.execute(statement)
    rows = [(n, *row(p)) for n, p in enumerate(passages, start=1)]
    connection.executemany("INSERT INTO chunks (n, id, title, text, source, page, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO chunks_fts (chunks_fts) VALUES ('rebuild')")
    connection.execute("INSERT INTO chunks_fts (chunks_fts) VALUES ('optimize')")


def row(p: Passage) -> tuple[object, ...]:
    """Return what `chunks` holds of a passage: id, title, text, source, page, metadata as JSON."""
    metadata = json.dumps(p.metadata, ensure_ascii=False, sort_keys=True)
    return p.id, p.title, p.text, p.metadata.get("source"), p.metadata.get("page"), metadata


def full_text(passages: list[Passage], questions: list[Question]) -> Run:
    """Rank the passages for every question by BM25."""
    connection = apsw.Connection(":memory:")
    fill(connection, passages)
    found = {q.id: fts_query(q.text) for q in questions}
    return {
        id_: [(str(p), float(s)) for p, s in connection.execute(QUERIES["bm25"], (query, ranking.DEPTH))] if query else []
        for id_, query in found.items()
    }
