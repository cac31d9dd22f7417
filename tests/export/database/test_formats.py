"""Every format of the vectors, each read by a reader that is not the writer, ranks the same."""

import sqlite3
import struct

import apsw
import numpy as np
import pytest
import sqlite_vec
from pocketrag.export.database.write import write_database

import pocketrag
from pocketrag.formats.data.beir import Passage, read_corpus, read_questions
from pocketrag.runtime.words import count_words

#: The formats differ in two ways. The dot product of bytes takes every vector as of one length; a cosine divides by the stored
#: vector's own, which rounding to int8 moves by half a step in each of 32 dims at most, a percent here. And a question goes to
#: chunk_vectors and chunk_vec in bytes, to the RAG SDK in floats. Passages whose scores differ by less may change places.
TIE = 0.02


@pytest.fixture(scope="module")
def file(tiny_built):
    return tiny_built / "out" / "tiny" / "corpus.db"


@pytest.fixture(scope="module")
def asked(tiny_built):
    """Questions, their vectors by the bundle's own model, and the ids that the runtime finds."""
    texts = [q.text for q in read_questions(tiny_built / "queries.jsonl")]
    with pocketrag.open(tiny_built / "out" / "tiny") as rag:
        found = [
            [(h.id, h.score) for h in answer] for answer in rag.search_many(texts, limit=70, mode="dense")
        ]
        return [
            (rag.embed(text), dict(rows), [id_ for id_, _ in rows[:10]])
            for text, rows in zip(texts, found, strict=True)
        ]


def agree(found, scores, wanted):
    """The same ten, but for passages that are as good as equal by the runtime's own score."""
    cut = scores[wanted[-1]]
    return len(found) == 10 and all(
        scores[id_] >= cut - TIE and abs(scores[id_] - scores[other]) <= TIE
        for id_, other in zip(found, wanted, strict=True)
    )


def metadata(connection):
    return dict(connection.execute("SELECT key, value FROM metadata").fetchall())


def test_plain_blobs_through_pythons_own_sqlite(file, asked):
    """No tie is set aside here: the BLOBs are the truth for ranking."""
    connection = sqlite3.connect(file)
    dims = int(metadata(connection)["embedding_dim"])
    rows = [(id_, struct.unpack(f"{dims}b", blob)) for id_, blob in
            connection.execute("SELECT id, vector FROM chunks JOIN chunk_vectors USING (n)")]  # fmt: skip
    connection.close()
    assert len(rows) == 70
    for vector, _, wanted in asked:
        step = max(abs(float(x)) for x in vector) / 127
        query = [round(float(x) / step) for x in vector]
        order = sorted(
            rows, key=lambda row, q=query: (-sum(a * b for a, b in zip(row[1], q, strict=True)), row[0])
        )
        assert [id_ for id_, _ in order[:10]] == wanted


def test_sqlite_vec_by_plain_sql(file, asked):
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    query = (
        "SELECT c.id FROM chunk_vec v JOIN chunks c ON c.n = v.rowid "
        "ORDER BY vec_distance_cosine(v.vector, vec_int8(?)), c.id LIMIT 10"
    )
    nearest = "SELECT c.id FROM chunk_vec v JOIN chunks c ON c.n = v.rowid WHERE v.vector MATCH vec_int8(?) AND k = 10 ORDER BY distance"
    stored = {id_: np.frombuffer(blob, np.int8).astype(float) for id_, blob in
              connection.execute("SELECT id, vector FROM chunks JOIN chunk_vectors USING (n)")}  # fmt: skip
    assert list(connection.execute("SELECT count(*) FROM chunk_vec")) == [(len(stored),)] == [(70,)]
    shared = []
    for vector, scores, wanted in asked:
        question = np.rint(vector / (np.abs(vector).max() / 127))
        cosines = {
            id_: row @ question / np.linalg.norm(row) / np.linalg.norm(question)
            for id_, row in stored.items()
        }
        best = sorted(cosines.values(), reverse=True)[:10]
        for statement in (query, nearest):
            found = [id_ for (id_,) in connection.execute(statement, (question.astype(np.int8).tobytes(),))]
            # Against cosines of the BLOBs to float32's last digits, against the runtime as far as its scores can differ.
            assert [cosines[id_] for id_ in found] == pytest.approx(best, abs=1e-5)
            assert agree(found, scores, wanted), (found, wanted)
            shared.append(len({*found} & {*wanted}) / 10)
    assert np.mean(shared) > 0.95
    connection.close()


def test_rag_sdk_as_its_store_reads_it(file, asked):
    """Written from what is known of `SqliteVectorStore` (localagents-rag 0.3.0): text, and `VF32` before float32, little-endian."""
    connection = sqlite3.connect(file)
    columns = [
        (name, kind, notnull, key)
        for _, name, kind, notnull, _, key in connection.execute("PRAGMA table_info(rag_vector_store)")
    ]
    assert columns == [("ROWID", "INTEGER", 1, 1), ("text", "TEXT", 0, 0), ("embeddings", "REAL", 0, 0)]
    (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'rag_vector_store'").fetchone()
    assert "AUTOINCREMENT" in made
    rows = connection.execute(
        "SELECT text, embeddings, typeof(embeddings) FROM rag_vector_store ORDER BY ROWID"
    ).fetchall()
    ids = dict(connection.execute("SELECT text, id FROM chunks").fetchall())
    assert len(rows) == len(ids) == 70 and {kind for _, _, kind in rows} == {"blob"}
    assert all(blob[:4] == b"VF32" and len(blob) == 4 + 4 * 32 for _, blob, _ in rows)
    matrix = np.array([struct.unpack("<32f", blob[4:]) for _, blob, _ in rows])
    norms, shared = np.linalg.norm(matrix, axis=1), []
    assert norms == pytest.approx(1, abs=TIE)
    for vector, scores, wanted in asked:
        cosines = matrix @ vector.astype(np.float64) / norms / np.linalg.norm(vector)
        order = sorted(range(70), key=lambda i, c=cosines: (-c[i], ids[rows[i][0]]))
        found = [ids[rows[i][0]] for i in order[:10]]
        assert agree(found, scores, wanted), (found, wanted)
        shared.append(len({*found} & {*wanted}) / 10)
    assert np.mean(shared) > 0.95
    connection.close()


def test_the_sdk_appends_where_ours_end(file, tmp_path):
    """AUTOINCREMENT: what an app adds comes behind the passages of the corpus."""
    copy = tmp_path / "corpus.db"
    copy.write_bytes(file.read_bytes())
    connection = sqlite3.connect(copy)
    added = connection.execute(
        "INSERT INTO rag_vector_store (text, embeddings) VALUES ('mine', x'00')"
    ).lastrowid
    assert added == 71
    connection.close()


def test_768_dims_take_what_the_sdk_expects(tmp_path):
    vectors = np.random.default_rng(0).standard_normal((3, 768)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    passages = [Passage(f"p{n}", "", f"text {n}") for n in range(3)]
    write_database(
        tmp_path / "corpus.db", passages, vectors, count_words(passages), {"model_id": "m"}, ("rag-sdk",)
    )
    connection = sqlite3.connect(tmp_path / "corpus.db")
    rows = connection.execute("SELECT text, length(embeddings) FROM rag_vector_store").fetchall()
    assert rows == [(f"text {n}", 3_076) for n in range(3)]
    connection.close()


@pytest.mark.parametrize("also", [(), ("sqlite-vec",), ("rag-sdk",), ("sqlite-vec", "rag-sdk")])
def test_only_what_was_asked_for_lies_beside_the_blobs(tiny_built, tmp_path, also):
    passages = read_corpus(tiny_built / "corpus.jsonl")[:3]
    file = tmp_path / "corpus.db"
    write_database(
        file, passages, np.eye(3, 32, dtype=np.float32), count_words(passages), {"model_id": "m"}, also
    )
    connection = sqlite3.connect(file)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert {"chunk_vec", "rag_vector_store"} & tables == {
        {"sqlite-vec": "chunk_vec", "rag-sdk": "rag_vector_store"}[name] for name in also
    }
