"""Write `corpus.db`: schema 1, filled; and the formats beside it that other tools read.

`python -m pocketrag.export.database.write CORPUS.jsonl VECTORS.npy FILE` writes one without a model, for
`pocketrag.bench.scale`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.content_digest import content_digest
from pocketrag.formats.data.beir import Passage, read_corpus
from pocketrag.recipe.languages import STEMMERS
from pocketrag.recipe.recipe import Format
from pocketrag.runtime import ranking
from pocketrag.runtime.database import MARK, SCHEMA_VERSION, sqlite_errors
from pocketrag.runtime.full_text import fill, row
from pocketrag.runtime.vec0 import write_vec0
from pocketrag.runtime.words import Words, count_words, stemmer, with_stems

#: A page holds 21 vectors of 768 bytes, and 48 bytes of it are left; pages of 4 096 hold 5, and 256 of each
#: are left.
PAGE = 16_384
#: Unit length, within what float32 and bfloat16 products leave of it.
UNIT = 1e-2


def write_database(
    file: Path,
    passages: Sequence[Passage],
    vectors: np.ndarray,
    words: Words,
    metadata: dict[str, str],
    also: Sequence[Format] = (),
) -> float:
    """Write a database and return what one step of its int8 vectors is worth.

    Args:
        file: must not exist.
        passages: in corpus order, at least one.
        vectors: float32 [n, dims], unit length, row order = passages.
        words: of the passages, with stems or without.
        metadata: what the database says of itself beside what is counted here, `model_id` at least.
        also: formats of the vectors beside the plain BLOBs.

    Raises:
        InputError: two ids are one after normalisation, or a vector is not a unit vector of the others' dims.

    """
    check_ids(passages)
    check_vectors(passages, vectors)
    scale = ranking.corpus_scale(vectors)
    rows = ranking.quantize(vectors, scale)
    with sqlite_errors(file):
        connection = apsw.Connection(str(file))
        connection.execute(f"PRAGMA page_size = {PAGE}; PRAGMA journal_mode = OFF")
        with connection:
            fill(connection, passages, words)
            connection.executemany("INSERT INTO chunk_vectors (n, vector) VALUES (?, ?)", _numbered(rows))
            for name in also:
                FORMATS[name](connection, passages, rows, scale)
            found = {**metadata, **_counted(passages, rows, scale)}
            connection.executemany(
                "INSERT OR REPLACE INTO metadata (key, value) VALUES (?, ?)", sorted(found.items())
            )
        connection.execute("VACUUM")
        connection.close()
    status(f"{file.name}: {len(passages)} passages, {file.stat().st_size:,} bytes")
    return scale


def check_ids(passages: Sequence[Passage]) -> None:
    """Refuse ids that are one after Unicode normalisation (NFC).

    An app that normalises would find the wrong passage.

    Raises:
        InputError: names both.

    """
    seen: dict[str, str] = {}
    for p in passages:
        other = seen.setdefault(unicodedata.normalize("NFC", p.id), p.id)
        if other != p.id:
            raise InputError(
                f"the passage ids {other!r} and {p.id!r} are one after Unicode normalisation "
                "(NFC); rename one."
            )


def check_vectors(passages: Sequence[Passage], vectors: np.ndarray) -> None:
    """Refuse vectors that can't be ranked.

    Raises:
        InputError: names the first passage whose vector has NaN or infinity, is zero, or is not of unit
            length.

    """
    if vectors.ndim != 2 or len(vectors) != len(passages) or not len(passages):
        raise InputError(
            f"{len(passages)} passages and vectors of shape {vectors.shape}: one row a passage is needed."
        )
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~(np.abs(norms - 1) <= UNIT))
    if len(wrong):
        norm = norms[wrong[0]]
        what = f"has the length {norm:.4g}" if np.isfinite(norm) else "holds NaN or infinity"
        raise InputError(
            f"the vector of passage {passages[wrong[0]].id!r} {what}; unit length is needed. Embed it again."
        )


def _numbered(rows: np.ndarray) -> list[tuple[int, bytes]]:
    return [(n, row.tobytes()) for n, row in enumerate(rows, start=1)]


def _vec0(connection: apsw.Connection, passages: Sequence[Passage], rows: np.ndarray, scale: float) -> None:
    write_vec0(connection, _numbered(rows), rows.shape[1])


def _rag_sdk(
    connection: apsw.Connection, passages: Sequence[Passage], rows: np.ndarray, scale: float
) -> None:
    connection.execute(
        "CREATE TABLE rag_vector_store (ROWID INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, text "
        "TEXT, embeddings REAL)"
    )
    # The stored vectors, not the float ones they came from: every format ranks alike.
    floats = (rows * np.float32(scale)).astype("<f4")
    connection.executemany(
        "INSERT INTO rag_vector_store (ROWID, text, embeddings) VALUES (?, ?, ?)",
        [
            (n, p.text, MARK + vector.tobytes())
            for n, (p, vector) in enumerate(zip(passages, floats, strict=True), start=1)
        ],
    )


#: Format -> what writes it beside the plain BLOBs.
FORMATS: dict[str, Callable[[apsw.Connection, Sequence[Passage], np.ndarray, float], None]] = {
    "sqlite-vec": _vec0,
    "rag-sdk": _rag_sdk,
}


def _counted(passages: Sequence[Passage], rows: np.ndarray, scale: float) -> dict[str, str]:
    by_id = sorted(
        ((*row(p), vector.tobytes()) for p, vector in zip(passages, rows, strict=True)),
        key=lambda r: str(r[0]),
    )
    return {
        "schema_version": str(SCHEMA_VERSION),
        "embedding_dim": str(rows.shape[1]),
        "total_chunks": str(len(passages)),
        "vector_format": "int8",
        "vector_scale": repr(scale),
        "content_sha256": content_digest(by_id),
    }


def _timed(
    corpus: Path, embeddings: Path, file: Path, language: str | None, also: Sequence[Format]
) -> dict[str, Any]:
    passages, vectors = read_corpus(corpus), np.load(embeddings)
    # Of this process alone, which waits for no other: the machine may be shared.
    start = time.process_time()
    words = with_stems(passages, stemmer(language)) if language else count_words(passages)
    counted = time.process_time()
    write_database(file, passages, vectors, words, {"model_id": "none"}, also)
    seconds = {"seconds": time.process_time() - start, "words_seconds": counted - start}
    return {
        "words": len(words.counts),
        "bytes": file.stat().st_size,
        **{key: round(value, 3) for key, value in seconds.items()},
    }


def main() -> int:
    """Write a database from files and print how long it took, as JSON; return the exit code."""
    parser = argparse.ArgumentParser(description="Write a database from passages and their vectors.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl")
    parser.add_argument("vectors", type=Path, metavar="VECTORS.npy")
    parser.add_argument("file", type=Path)
    parser.add_argument("--also", nargs="*", default=[], choices=list(FORMATS))
    parser.add_argument("--language", choices=list(STEMMERS), help="of the stems; without it there are none")
    given = parser.parse_args()
    print(json.dumps(_timed(given.corpus, given.vectors, given.file, given.language, given.also)))  # noqa: T201 - the result
    return 0


if __name__ == "__main__":
    sys.exit(main())
