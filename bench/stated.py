"""What a database says of itself beside its passages, and the formats beside its vectors: against manifest and BLOBs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from pocketrag.database import MARK, Database
from pocketrag.languages import STEMMERS
from pocketrag.manifest import Manifest

#: Table -> the format of a manifest's `vectors.also` that it is.
TABLES = {"chunk_vec": "sqlite-vec", "rag_vector_store": "rag-sdk"}


def stated(db: Database, manifest: Manifest) -> dict[str, bool]:
    """Return whether each entry of the database's metadata that a search does not read is what the manifest says."""
    prompts, chosen = manifest.embedder.prompts, (manifest.fusion.evidence or {}).get("chosen")
    said = db.metadata.get
    return {
        "prompts": (said("prompt_query"), said("prompt_document")) == (prompts.query, prompts.document),
        "tokenizer": said("tokenizer_sha256") == manifest.files[manifest.embedder.tokenizer.file].sha256,
        "fusion": chosen is not None and _json(said("fusion")) == chosen,
        "abstention": _json(said("abstention")) == (manifest.abstention.model_dump(mode="json") if manifest.abstention else None),
        "language": _language(db, bool(chosen and chosen.get("stems"))),
    }


def formats(db: Database, manifest: Manifest) -> dict[str, bool]:
    """Return whether each format is there as the manifest says, with every vector of `chunk_vectors`."""
    wanted = {table: name in manifest.vectors["also"] for table, name in TABLES.items()}
    found = {table: db.has_table(table) == there for table, there in wanted.items()}
    if wanted["rag_vector_store"] and found["rag_vector_store"]:
        found["rag_vector_store"] = _rag_store(db)
    return found


def _language(db: Database, stems: bool) -> bool:
    (lost,) = db.rows("SELECT count(*) FROM words WHERE stem IS NOT NULL AND stem NOT IN (SELECT stem FROM stems)")[0]
    (known,) = db.rows("SELECT count(*) FROM words WHERE stem IS NOT NULL")[0]
    language = db.metadata.get("language")
    return lost == 0 and (language in STEMMERS if stems else language == "" and known == 0)


def _rag_store(db: Database) -> bool:
    rows = db.rows("SELECT c.text, r.text, r.embeddings FROM chunks c LEFT JOIN rag_vector_store r ON r.ROWID = c.n ORDER BY c.id")
    (total,) = db.rows("SELECT count(*) FROM rag_vector_store")[0]
    floats = (db.vectors * np.float32(db.scale)).astype("<f4")
    same = [text == own and blob == MARK + row.tobytes() for (own, text, blob), row in zip(rows, floats, strict=True)]
    return total == len(rows) and all(same)


def _json(text: str | None) -> Any:  # noqa: ANN401
    # What is no JSON equals nothing that a manifest holds.
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return text or ""
