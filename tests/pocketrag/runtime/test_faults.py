"""A database that is cut short, of another version or model, read-only, locked, or with SQLite's own files beside it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.runtime.database import Database
from tests.bench.damage import put_digests_right, sql

QUESTION = "what moves if king 0 meets queen ?"


@pytest.fixture(scope="module")
def wanted(tiny_built):
    with pocketrag.open(tiny_built / "out" / "tiny") as rag:
        return [rag.search(QUESTION, mode=mode) for mode in ("dense", "bm25", "hybrid")]


def answers(bundle):
    with pocketrag.open(bundle) as rag:
        return [rag.search(QUESTION, mode=mode) for mode in ("dense", "bm25", "hybrid")]


def refused(bundle, message):
    """By its digest first; then by what is wrong, in the API and on the command line."""
    with pytest.raises(InputError, match=r"corpus\.db: not the file that was built"):
        pocketrag.open(bundle)
    put_digests_right(bundle)
    with pytest.raises(InputError, match=message):
        pocketrag.open(bundle)
    assert main(["search", str(bundle), QUESTION, "--json"]) == 2


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.1, 0.5])
def test_a_database_cut_short(tiny_bundle, share, capfd):
    """Where only the end is lost, which no search reads, it is the gates that see it (tests/bench/gates/test_random_damage.py)."""
    data = (tiny_bundle / "corpus.db").read_bytes()
    (tiny_bundle / "corpus.db").write_bytes(data[: int(len(data) * share)])
    refused(tiny_bundle, r"corpus\.db: ")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE metadata SET value = '1' WHERE key = 'schema_version'",
            "schema_version is '1'; this pocketrag reads 2. Build the bundle again.",
        ),
        ("UPDATE metadata SET value = '3' WHERE key = 'schema_version'", "reads 2. Update pocketrag."),
        ("DELETE FROM metadata WHERE key = 'schema_version'", "schema_version is None"),
        (
            "UPDATE metadata SET value = 'other-1' WHERE key = 'model_id'",
            "its vectors are of the model 'other-1', not of 'tiny-float-",
        ),
        ("DELETE FROM metadata WHERE key = 'model_id'", "lacks 'model_id'"),
        ("UPDATE metadata SET value = 'nan' WHERE key = 'vector_scale'", "'vector_scale' is 'nan'"),
        ("UPDATE metadata SET value = '-1' WHERE key = 'vector_scale'", "'vector_scale' is '-1'"),
        ("UPDATE metadata SET value = 'x' WHERE key = 'vector_scale'", "'vector_scale' is 'x'"),
        ("UPDATE metadata SET value = '71' WHERE key = 'total_chunks'", "must hold 71 blobs"),
        (
            "UPDATE metadata SET value = printf('%.5000d', 1) WHERE key = 'total_chunks'",
            "which is not a count",
        ),
        ("UPDATE metadata SET value = CAST(x'ff' AS TEXT) WHERE key = 'language'", "UnicodeDecodeError"),
        (
            "UPDATE chunk_vectors SET vector = CAST(vector AS TEXT) WHERE n = 3",
            "must hold 70 blobs|UnicodeDecodeError",
        ),
        ("DROP TABLE words", "no such table: words"),
        ("DROP TABLE chunks_fts", "no such table"),
    ],
)
def test_a_database_of_another_kind(tiny_bundle, statement, message, capfd):
    sql(tiny_bundle, statement)
    if statement.startswith("DROP"):  # seen by the first search
        put_digests_right(tiny_bundle)
        with pocketrag.open(tiny_bundle) as rag, pytest.raises(InputError, match=message):
            rag.search(QUESTION, mode="bm25")
        assert main(["search", str(tiny_bundle), QUESTION, "--mode", "bm25"]) == 2
    else:
        refused(tiny_bundle, message)


def test_vectors_of_other_dims(tiny_bundle, capfd):
    sql(
        tiny_bundle,
        "UPDATE chunk_vectors SET vector = substr(vector, 1, 16)",
        "UPDATE metadata SET value = '16' WHERE key = 'embedding_dim'",
    )
    refused(tiny_bundle, "its vectors have 16 dims, the model's 32")


@pytest.mark.parametrize("column", ["title", "metadata"])
def test_a_passage_that_can_not_be_read(tiny_bundle, column):
    sql(tiny_bundle, f"UPDATE chunks SET {column} = CAST(x'ff' AS TEXT)")  # noqa: S608
    put_digests_right(tiny_bundle)
    with pocketrag.open(tiny_bundle) as rag, pytest.raises(InputError, match=r"corpus\.db"):
        rag.search(QUESTION)


def test_lengths_of_which_bm25_makes_no_number(tiny_bundle):
    """An average length of 0: what FTS5 then divides by."""
    sql(tiny_bundle, "UPDATE chunks_fts_data SET block = x'4600000000' WHERE id = 1")
    sql(tiny_bundle, "UPDATE chunks_fts_docsize SET sz = x'000000'")
    put_digests_right(tiny_bundle)
    with pocketrag.open(tiny_bundle) as rag, pytest.raises(InputError, match=r"corpus\.db"):
        rag.search(QUESTION, mode="bm25")


@pytest.mark.parametrize("metadata", ["", "{", "[]", "3", "null"])
def test_metadata_that_are_no_object(tiny_bundle, metadata):
    sql(tiny_bundle, f"UPDATE chunks SET metadata = '{metadata}'")  # noqa: S608
    put_digests_right(tiny_bundle)
    with (
        pocketrag.open(tiny_bundle) as rag,
        pytest.raises(InputError, match=r"the metadata of passage '.*' are not a JSON object"),
    ):
        rag.search(QUESTION)


@contextmanager
def nobody():
    """Root may write everywhere; another user may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_and_folder_that_can_not_be_written(tiny_built, wanted):
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    try:
        shutil.copytree(tiny_built / "out" / "tiny", folder, dirs_exist_ok=True)
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        with nobody():
            with pytest.raises(PermissionError):
                (folder / "new").touch()
            database = Database(folder / "corpus.db")
            assert [id_ for id_, _ in database.bm25(QUESTION, 10)] == [h.id for h in wanted[1]]
            database.close()
        assert answers(folder) == wanted
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_file_that_can_not_be_read(tiny_bundle, capfd):
    (tiny_bundle / "corpus.db").unlink()
    (tiny_bundle / "corpus.db").mkdir()
    with pytest.raises(InputError, match=r"corpus\.db"):
        pocketrag.open(tiny_bundle)
    with pytest.raises(InputError, match=r"corpus\.db"):
        Database(tiny_bundle / "corpus.db")
    with pytest.raises(InputError, match=r"none\.db"):
        Database(tiny_bundle / "none.db")


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_file_that_another_process_has_locked(tiny_bundle, wanted):
    """An asset is immutable: it is read without asking for a lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOCK, str(tiny_bundle / "corpus.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(tiny_bundle / "corpus.db", timeout=0).execute("SELECT * FROM metadata")
        assert answers(tiny_bundle) == wanted
    finally:
        process.communicate("")


def hot_journal(file):
    """A rollback journal of an unfinished transaction, as a process that died leaves it."""
    copy = file.with_name("copy.db")
    shutil.copyfile(file, copy)
    connection = apsw.Connection(str(copy))
    connection.execute(
        "PRAGMA journal_mode = PERSIST; PRAGMA cache_size = 1; BEGIN; UPDATE chunks SET text = 'changed'"
    )
    connection.execute("UPDATE chunk_vectors SET vector = zeroblob(32)")
    connection.cache_flush()
    data = Path(f"{copy}-journal").read_bytes()
    connection.close()
    for left in file.parent.glob("copy.db*"):
        left.unlink()
    return data


@pytest.mark.parametrize("kind", ["journal", "wal", "shm", "garbage"])
def test_files_beside_it_change_nothing(tiny_bundle, wanted, kind):
    file = tiny_bundle / "corpus.db"
    beside = file.with_name(f"corpus.db-{kind if kind != 'garbage' else 'journal'}")
    beside.write_bytes(hot_journal(file) if kind == "journal" else os.urandom(5000))
    before = {p.name: p.read_bytes() for p in tiny_bundle.iterdir()}
    assert answers(tiny_bundle) == wanted
    assert {p.name: p.read_bytes() for p in tiny_bundle.iterdir()} == before


def test_searching_leaves_nothing_beside_it(tiny_bundle):
    before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in tiny_bundle.iterdir()}
    answers(tiny_bundle)
    assert {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in tiny_bundle.iterdir()} == before


@pytest.mark.parametrize("name", ["50% off?#&.bundle", "bündle 🙂", "a'b\"c;--"])
def test_any_folder_name(tiny_built, tmp_path, wanted, name):
    assert answers(shutil.copytree(tiny_built / "out" / "tiny", tmp_path / name)) == wanted


def test_an_unlisted_part_is_refused(tiny_bundle):
    """What the manifest does not list has no digest to be checked by."""
    for name in ("corpus.db", "embedder.tflite", "tokenizer.json"):
        manifest = json.loads((tiny_bundle / "manifest.json").read_text())
        del manifest["files"][name]
        (tiny_bundle / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(InputError, match=f"does not list {name}"):
            pocketrag.open(tiny_bundle)
        manifest["files"][name] = {"bytes": 0, "sha256": "0" * 64}
        (tiny_bundle / "manifest.json").write_text(json.dumps(manifest))
        put_digests_right(tiny_bundle)
