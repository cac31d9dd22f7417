"""Is the database whole, and is it what the manifest says?

Its tables, what it says of itself, and the formats beside its vectors are compared.
"""

from __future__ import annotations

import numpy as np
from pocketrag.android_assets import sql

from pocketrag.formats.content_digest import QUERY, content_digest
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, failed, judged, skipped
from pocketrag.formats.golden import TOP
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest
from pocketrag.recipe.languages import STEMMERS
from pocketrag.runtime import ranking
from pocketrag.runtime.database import MARK, Database
from pocketrag.runtime.vectors import Vectors

from .opened import Opened

#: Table -> the format of a manifest's `vectors.also` that it is.
TABLES = {"chunk_vec": "sqlite-vec", "rag_vector_store": "rag-sdk"}
#: All that a database says of itself (schema.sql). Earlier ones also named the encoder that asked them.
METADATA = {
    "schema_version",
    "model_id",
    "embedding_dim",
    "total_chunks",
    "vector_format",
    "vector_scale",
    "content_sha256",
    "prompt_document",
    "language",
}


def database(opened: Opened) -> Outcome:
    """Check the database: integrity, full-text index, counts, content digest, and what it says of itself."""
    db, manifest = opened.rag.database, opened.manifest
    (integrity,) = db.rows("PRAGMA integrity_check")[0]
    rows = db.rows(QUERY)
    facts = {
        "integrity": integrity == "ok",
        "full text": db.full_text_is_whole(),
        "counts": manifest.counts.passages == len(rows) == len(db.ids) == int(db.metadata["total_chunks"]),
        "dims": int(db.metadata["embedding_dim"]) == manifest.embedder.dims,
        "format": manifest.vectors["format"] == db.metadata["vector_format"] == "int8",
        "scale": float(manifest.vectors["scale"]) == db.scale > 0,
        "content": content_digest(rows) == db.metadata.get("content_sha256"),
        **_stated(db, manifest),
        **_formats(db, manifest),
        "search.sql": (opened.bundle / "search.sql").read_text("utf-8") == sql("search.sql"),
    }
    wrong = [name for name, ok in facts.items() if not ok]
    return judged(
        not wrong, f"wrong: {', '.join(wrong)}" if wrong else f"{len(rows)} passages, {DATABASE} is whole"
    )


def sqlite_vec(opened: Opened) -> Outcome:
    """Compare sqlite-vec's vectors with the BLOBs, and its rescored candidates with brute force."""
    db = opened.rag.database
    wanted = "sqlite-vec" in opened.manifest.vectors["also"]
    if db.has_table("chunk_vec") != wanted:
        return failed(f"the manifest says {wanted}, the database {not wanted}")
    if not wanted:
        return skipped("not asked for")
    if not db.vec0_is_whole():  # what is not, sqlite-vec must not touch
        return failed("its vectors are not those of chunk_vectors")
    vectors, shares = Vectors(db.ids, db.vectors, db.scale, brute=len(db.ids)), []
    for text in [t for t in opened.golden.texts if t.question]:
        vector = opened.rag.embedder.embed_ids(text.ids)
        near = db.nearest(ranking.quantize_question(vector)[0], min(4 * TOP, len(db.ids)))
        best, exact = vectors.nearest(vector, TOP, set(near)), vectors.nearest(vector, TOP)
        shares.append(float(best == exact))
    return at_least(
        float(np.mean(shares or [0])), 1.0, f"same top-{TOP} as brute force, {len(shares)} questions"
    )


def _stated(db: Database, manifest: Manifest) -> dict[str, bool]:
    """Return whether each metadata entry that no search reads is what the manifest says."""
    chosen = (manifest.fusion.evidence or {}).get("chosen")
    return {
        "prompts": db.metadata.get("prompt_document") == manifest.embedder.prompts.document,
        "fusion": chosen is not None,
        "language": _language(db, bool(chosen and chosen.get("stems"))),
        "no word of an encoder": "model_id" not in manifest.vectors or set(db.metadata) == METADATA,
    }


def _formats(db: Database, manifest: Manifest) -> dict[str, bool]:
    """Return whether each format is there as the manifest says, with every vector of `chunk_vectors`."""
    wanted = {table: name in manifest.vectors["also"] for table, name in TABLES.items()}
    found = {table: db.has_table(table) == there for table, there in wanted.items()}
    if wanted["rag_vector_store"] and found["rag_vector_store"]:
        found["rag_vector_store"] = _rag_store(db)
    return found


def _language(db: Database, stems: bool) -> bool:
    (lost,) = db.rows(
        "SELECT count(*) FROM words WHERE stem IS NOT NULL AND stem NOT IN (SELECT stem FROM stems)"
    )[0]
    (known,) = db.rows("SELECT count(*) FROM words WHERE stem IS NOT NULL")[0]
    language = db.metadata.get("language")
    return lost == 0 and (language in STEMMERS if stems else language == "" and known == 0)


def _rag_store(db: Database) -> bool:
    rows = db.rows(
        "SELECT c.text, r.text, r.embeddings FROM chunks c "
        "LEFT JOIN rag_vector_store r ON r.ROWID = c.n ORDER BY c.id"
    )
    (total,) = db.rows("SELECT count(*) FROM rag_vector_store")[0]
    floats = (db.vectors * np.float32(db.scale)).astype("<f4")
    same = [
        text == own and blob == MARK + row.tobytes()
        for (own, text, blob), row in zip(rows, floats, strict=True)
    ]
    return total == len(rows) and all(same)
