"""Damage whose digests were put right again: every kind of it falls to the gate that is for it."""

import base64

import apsw
import numpy as np
import pytest

from pocketrag.runtime.vec0 import load_sqlite_vec
from tests.bench.damage import (
    corrupt_attention,
    edit_json,
    put_digests_right,
    recompute_content,
    rename_model,
    sql,
)
from tests.bench.test_verify import outcomes


def shuffle_vectors(bundle):
    connection = apsw.Connection(str(bundle / "corpus.db"))
    rows = list(connection.execute("SELECT n, vector FROM chunk_vectors ORDER BY n"))
    for (n, _), (_, vector) in zip(rows, rows[1:] + rows[:1], strict=True):
        connection.execute("UPDATE chunk_vectors SET vector = ? WHERE n = ?", (vector, n))
    connection.close()


def vec_sql(bundle, *statements):
    connection = apsw.Connection(str(bundle / "corpus.db"))
    load_sqlite_vec(connection)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def rewrite_schema(bundle, old, new):
    """Change how a table is said to be made; what lies in it stays."""
    statement = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'chunks_fts'"
    connection = apsw.Connection(str(bundle / "corpus.db"))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement, (old, new))
    connection.close()


SWAP = (
    "UPDATE chunks SET text = (SELECT text FROM chunks WHERE id = 'p009'), title = 'x' WHERE id = 'p004'",
    "UPDATE chunks SET text = 'another rule altogether' WHERE id = 'p009'",
)
DAMAGE = {
    "attention": (corrupt_attention, {"model_id", "shipped_parity", "twin_parity"}),
    "attention_renamed": (
        lambda b: (corrupt_attention(b), rename_model(b)),
        {"shipped_parity", "twin_parity", "passages"},
    ),
    "vectors": (shuffle_vectors, {"database", "passages"}),
    "vectors_with_digest": (lambda b: (shuffle_vectors(b), recompute_content(b)), {"passages", "ranking"}),
    "passages": (lambda b: sql(b, *SWAP), {"database", "passages"}),
    "passages_with_digest": (lambda b: (sql(b, *SWAP), recompute_content(b)), {"passages"}),
    "model_id_in_database": (
        lambda b: sql(b, "UPDATE metadata SET value = 'other' WHERE key = 'model_id'"),
        {"opens"},
    ),
    "model_id_everywhere": (
        lambda b: (
            edit_json(b / "manifest.json", lambda m: m.update(model_id="other-0")),
            edit_json(b / "golden.json", lambda g: g.update(model_id="other-0")),
        ),
        {"model_id"},
    ),
    "model_id_in_manifest": (
        lambda b: edit_json(b / "manifest.json", lambda m: m.update(model_id="other")),
        {"model_id"},
    ),
    "vectors_model_id_in_manifest": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["vectors"].update(model_id="other")),
        {"opens"},
    ),
    # The float model lies elsewhere; the full encoder is here, and its bytes say who it is.
    "vectors_of_another_full_encoder": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["vectors"].update(documents="shipped")),
        {"model_id"},
    ),
    "golden_emptied": (
        lambda b: edit_json(b / "golden.json", lambda g: g.update(texts=[])),
        {"golden", "shipped_parity", "ranking"},
    ),
    "golden_emptied_and_counted": (
        lambda b: (
            edit_json(b / "golden.json", lambda g: g.update(texts=g["texts"][:1])),
            edit_json(b / "manifest.json", lambda m: m["counts"].update(golden=1)),
        ),
        {"golden"},
    ),
    "golden_without_rankings": (
        lambda b: edit_json(b / "golden.json", lambda g: [t.update(top={}) for t in g["texts"]]),
        {"golden", "ranking"},
    ),
    "golden_nan": (
        lambda b: edit_json(
            b / "golden.json",
            lambda g: g["texts"][0].update(
                twin=base64.b64encode(np.full(32, np.nan, "<f4").tobytes()).decode()
            ),
        ),
        {"twin_parity"},
    ),
    "golden_text": (lambda b: (b / "golden.json").write_text("[]"), {"opens"}),
    "prompts": (
        lambda b: edit_json(
            b / "manifest.json",
            lambda m: m["encoders"][0]["embedder"]["prompts"].update(document="passage: {title} {text}"),
        ),
        {"passages"},
    ),
    "query_prompt": (
        lambda b: edit_json(
            b / "manifest.json",
            lambda m: m["encoders"][0]["embedder"]["prompts"].update(query="king {question}"),
        ),
        {"tokens"},
    ),
    "lengths": (
        lambda b: edit_json(
            b / "manifest.json", lambda m: m["encoders"][0]["embedder"].update(lengths=[16, 31])
        ),
        {"opens"},
    ),
    "dims": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["encoders"][0]["embedder"].update(dims=31)),
        {"opens"},
    ),
    "rows": (lambda b: sql(b, "DELETE FROM chunk_vectors WHERE n = 2"), {"opens"}),
    "search_sql": (lambda b: (b / "search.sql").write_text("-- name: bm25\nSELECT 1"), {"database"}),
    "notice": (lambda b: (b / "NOTICE").write_text(""), {"licences"}),
    "full_text": (
        lambda b: sql(b, "DELETE FROM chunks_fts_idx", "DELETE FROM chunks_fts_data WHERE id > 10"),
        {"database"},
    ),
    "full_text_partly": (
        lambda b: sql(
            b,
            "INSERT INTO chunks_fts (chunks_fts, rowid, title, text, stems) "
            "SELECT 'delete', n, title, text, '' FROM chunks WHERE n = 41",
        ),
        {"database"},
    ),
    **{
        f"database_{key}": (
            lambda b, key=key, value=value: sql(
                b,
                f"UPDATE metadata SET value = '{value}' WHERE key = '{key}'",  # noqa: S608
            ),
            {"database"},
        )
        for key, value in (
            ("prompt_document", "{text}"),
            ("language", "en"),
            ("content_sha256", "0" * 64),
        )
    },
    **{
        f"database_without_{key}": (
            lambda b, key=key: sql(b, f"DELETE FROM metadata WHERE key = '{key}'"),  # noqa: S608
            {"database"},
        )
        for key in ("prompt_document", "language", "content_sha256")
    },
    "database_names_an_encoder": (
        lambda b: sql(b, "INSERT INTO metadata (key, value) VALUES ('prompt_query', 'ask: {question}')"),
        {"database"},
    ),
    "passage_length": (
        lambda b: sql(b, "UPDATE chunks_fts_docsize SET sz = x'030b01' WHERE id = 5"),
        {"database"},
    ),
    "average_length": (
        lambda b: sql(b, "UPDATE chunks_fts_data SET block = x'468152860201' WHERE id = 1"),
        {"database"},
    ),
    "count_of_a_word": (lambda b: sql(b, "UPDATE words SET passages = 1 WHERE word = 'king'"), {"database"}),
    "stem_of_no_passage": (
        lambda b: sql(b, "INSERT INTO words (word, passages, stem) VALUES ('kings', 0, 'king')"),
        {"database"},
    ),
    "word_boundaries": (
        lambda b: rewrite_schema(b, "remove_diacritics 2", "remove_diacritics 0"),
        {"database"},
    ),
    "rag_sdk_text": (
        lambda b: sql(b, "UPDATE rag_vector_store SET text = 'x' WHERE ROWID = 3"),
        {"database"},
    ),
    "rag_sdk_vector": (
        lambda b: sql(
            b,
            "UPDATE rag_vector_store SET embeddings = (SELECT embeddings FROM rag_vector_store LIMIT 1) WHERE ROWID = 70",
        ),
        {"database"},
    ),
    "rag_sdk_row": (lambda b: sql(b, "INSERT INTO rag_vector_store (text) VALUES ('x')"), {"database"}),
    "rag_sdk_table": (lambda b: sql(b, "DROP TABLE rag_vector_store"), {"database"}),
    "rag_sdk_unasked": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["vectors"].update(also=["sqlite-vec"])),
        {"database"},
    ),
    "sqlite_vec_unasked": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["vectors"].update(also=["rag-sdk"])),
        {"database", "sqlite_vec"},
    ),
    "sqlite_vec_vector": (
        lambda b: vec_sql(
            b,
            "DELETE FROM chunk_vec WHERE rowid = 70",
            f"INSERT INTO chunk_vec (rowid, vector) VALUES (70, vec_int8(x'{'01' * 32}'))",  # noqa: S608
        ),
        {"sqlite_vec"},
    ),
    # Each of these ends the process, or reads foreign memory, where sqlite-vec opens it.
    **{
        f"sqlite_vec_{part}": (lambda b, change=change: sql(b, f"UPDATE chunk_vec_{change}"), {"sqlite_vec"})
        for part, change in {
            "offset": "rowids SET chunk_offset = 1000000 WHERE rowid = 3",
            "chunk": "rowids SET chunk_id = 9 WHERE rowid = 3",
            "size": "chunks SET size = 100000",
            "validity": "chunks SET validity = x'ff'",
            "rowids": "chunks SET rowids = zeroblob(8192)",
            "blob": "vector_chunks00 SET vectors = x'00'",
        }.items()
    },
    "sqlite_vec_row": (lambda b: vec_sql(b, "DELETE FROM chunk_vec WHERE rowid = 70"), {"sqlite_vec"}),
    "citations": (lambda b: sql(b, "UPDATE chunks SET source = 'elsewhere', page = 99"), {"database"}),
    "quantization_name": (
        lambda b: edit_json(
            b / "manifest.json", lambda m: m["encoders"][0]["embedder"].update(quantization="int4")
        ),
        {"model_id", "weights"},
    ),
    "fewer_int8_weights": (
        lambda b: edit_json(
            b / "manifest.json",
            lambda m: m["encoders"][0]["weights"].update(int8=m["encoders"][0]["weights"]["int8"] + 1),
        ),
        {"weights"},
    ),
    "swapped_vectors": (  # the content digest is put right as well
        lambda b: sql(
            b,
            "CREATE TABLE kept AS SELECT n, vector FROM chunk_vectors WHERE n IN (2, 3)",
            "UPDATE chunk_vectors SET vector = (SELECT vector FROM kept WHERE n = 3) WHERE n = 2",
            "UPDATE chunk_vectors SET vector = (SELECT vector FROM kept WHERE n = 2) WHERE n = 3",
            "DROP TABLE kept",
        ),
        {"passages"},
    ),
    "version": (lambda b: edit_json(b / "manifest.json", lambda m: m.update(version="9.9")), {"model_id"}),
    "vector_format": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["vectors"].update(format="float64")),
        {"database"},
    ),
    "mode": (
        lambda b: edit_json(b / "manifest.json", lambda m: m["encoders"][0]["fusion"].update(mode="bm25")),
        {"quality"},
    ),
    "golden_repeats": (
        lambda b: edit_json(b / "golden.json", lambda g: g.update(texts=[g["texts"][0]] * len(g["texts"]))),
        {"golden"},
    ),
    "golden_twin_is_shipped": (
        lambda b: edit_json(b / "golden.json", lambda g: [t.update(twin=t["shipped"]) for t in g["texts"]]),
        {"golden"},
    ),
    "golden_long_number": (lambda b: (b / "golden.json").write_text("[" + "9" * 5000 + "]"), {"opens"}),
    "dim_is_text": (
        lambda b: sql(b, "UPDATE metadata SET value = 'x' WHERE key = 'embedding_dim'"),
        {"opens"},
    ),
    "metadata_is_bytes": (
        lambda b: sql(b, "UPDATE metadata SET value = CAST(x'ff' AS TEXT) WHERE key = 'model_id'"),
        {"opens"},
    ),
    "infinite_quality": (
        lambda b: edit_json(
            b / "manifest.json",
            lambda m: [m["verdict"][k].update(difference=float("inf")) for k in ("shipped", "searched")],
        ),
        {"quality"},
    ),
    "model_is_text": (lambda b: (b / "embedder.tflite").write_text("no flatbuffer"), {"opens"}),
    "tokenizer": (
        lambda b: edit_json(
            b / "tokenizer.json",
            lambda t: t["model"].update(vocab={**t["model"]["vocab"], "king": 6, "queen": 5}),
        ),
        {"tokens"},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_behind_right_digests_falls_to_a_gate(tiny_bundle, name):
    damage, gates = DAMAGE[name]
    damage(tiny_bundle)
    put_digests_right(tiny_bundle)
    code, found = outcomes(tiny_bundle)
    assert found["digests"] == "pass"
    failing = {gate for gate, outcome in found.items() if outcome == "fail"}
    assert gates <= failing and code == (1 if gates else 0), found
