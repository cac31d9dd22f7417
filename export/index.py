"""`pocketrag index`: passages -> `embeddings.npy` and `corpus.db`, embedded with the float twin or with the model that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import numpy as np

from pocketrag import beir, files, ranking, stage
from pocketrag.beir import Passage
from pocketrag.console import status
from pocketrag.content import content_digest
from pocketrag.database import DATABASE, SCHEMA_VERSION, sqlite_errors
from pocketrag.identity import model_id_of
from pocketrag.lexical import fill, row
from pocketrag.litert import MODEL, EmbedderSpec, LiteRtEmbedder
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.stage import Stage
from pocketrag.twin import PASSAGES, read_vectors, twin_vectors
from pocketrag.work import Work, index_settings, quantized

from .convert import SPEC, ships
from .passages import COUNTED, EMBEDDINGS, earlier_index, shipped_vectors

WING = Path(__file__).parent


def index(recipe: str, *, source: str | None = None, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Embed all passages and write the database.

    Raises:
        InputError: `quantize` has not run, or a passage is longer than the embedding model takes and the recipe says to fail.

    """
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    source = source or ships(chosen, rooms, recipe)
    model = quantized(chosen, rooms, source, recipe)
    twin = twin_vectors(chosen, rooms, source, recipe) if chosen.export.documents == "float" else None
    done = stage.run(
        rooms.folder(f"index-{source}"),
        WING,
        inputs={"quantize": model.digest, "corpus": chosen.data_digests()["corpus"], "twin": twin.digest if twin else ""},
        settings=index_settings(chosen),
        make=lambda out: _make(chosen, model.folder, twin, earlier_index(rooms.folder(f"index-{source}"), model, chosen), out),
    )
    return {"folder": str(done.folder), "source": source, **done.facts}


def _make(recipe: Recipe, model: Path, twin: Stage | None, earlier: Stage | None, out: Path) -> dict[str, Any]:
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    passages = beir.read_corpus(recipe.data.corpus)
    if twin:
        vectors, counted = read_vectors(twin, PASSAGES, spec.dims), {key: twin.facts[key] for key in COUNTED}
    else:
        vectors, counted = shipped_vectors(recipe, passages, LiteRtEmbedder(model, spec), earlier, out)
    np.save(out / EMBEDDINGS, vectors)
    model_id = model_id_of(recipe.name, recipe.version, spec.quantization, files.sha256(model / MODEL))
    scale = ranking.corpus_scale(vectors)
    write_database(out / DATABASE, passages, vectors, scale, model_id, recipe.search.sqlite_vec)
    return {
        "passages": len(passages),
        **counted,
        "model_id": model_id,
        "vector_scale": scale,
        "bytes": (out / DATABASE).stat().st_size,
    }


def write_database(file: Path, passages: list[Passage], vectors: np.ndarray, scale: float, model_id: str, sqlite_vec: bool) -> None:
    """Write schema 1: passages, full text, int8 vectors, and sqlite-vec's table beside them where asked.

    Args:
        file: must not exist.
        passages: in corpus order.
        vectors: float32 [n, dims], unit length, row order = passages.
        scale: what one step of int8 is worth.
        model_id: of the model that made the vectors.
        sqlite_vec: whether to add the `vec0` table.

    """
    blobs = ranking.quantize(vectors, scale)
    rows = sorted((p.id, blob.tobytes()) for p, blob in zip(passages, blobs, strict=True))
    with sqlite_errors(file):
        connection = apsw.Connection(str(file))
        connection.execute("PRAGMA journal_mode = OFF; PRAGMA page_size = 4096")
        with connection:
            fill(connection, passages)
            connection.executemany("INSERT INTO chunk_vectors (id, vector) VALUES (?, ?)", rows)
            if sqlite_vec:
                _vec0(connection, rows, vectors.shape[1])
            connection.executemany(
                "INSERT INTO metadata (key, value) VALUES (?, ?)", _metadata(passages, vectors, scale, model_id, rows)
            )
        connection.execute("VACUUM")
        connection.close()
    status(f"{file.name}: {len(passages)} passages, {file.stat().st_size:,} bytes")


def _vec0(connection: apsw.Connection, rows: list[tuple[str, bytes]], dims: int) -> None:
    import sqlite_vec

    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    # Cosine, not L2: sqlite-vec 0.1.9's int8 L2 overflows on ARM NEON.
    connection.execute(
        f"CREATE VIRTUAL TABLE chunk_vec USING vec0(id TEXT PRIMARY KEY, vector int8[{dims}] distance_metric=cosine)"
    )
    connection.executemany("INSERT INTO chunk_vec (id, vector) VALUES (?, vec_int8(?))", rows)


def _metadata(
    passages: list[Passage], vectors: np.ndarray, scale: float, model_id: str, rows: list[tuple[str, bytes]]
) -> list[tuple[str, str]]:
    return sorted(
        {
            "schema_version": str(SCHEMA_VERSION),
            "model_id": model_id,
            "embedding_dim": str(vectors.shape[1]),
            "total_chunks": str(len(passages)),
            "vector_format": "int8",
            "vector_scale": repr(scale),
            "content_sha256": content_digest(_joined(passages, rows)),
        }.items()
    )


def _joined(passages: list[Passage], rows: list[tuple[str, bytes]]) -> list[tuple[object, ...]]:
    blobs = dict(rows)
    return [(*row(p), blobs[p.id]) for p in sorted(passages, key=lambda p: p.id)]
