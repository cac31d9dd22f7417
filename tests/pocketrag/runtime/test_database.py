import re

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pocketrag
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.database import Database
from pocketrag.runtime.full_text import fill, full_text
from pocketrag.runtime.queries import QUERIES, FullText
from pocketrag.runtime.words import count_words
from tests.bench.damage import put_digests_right, sql

PASSAGES = [
    Passage("a", "Phones", "A phone that rings loses the game."),
    Passage("b", "Clocks", "Both players may stop the clocks."),
    Passage("c", "Café", "L'arbitre est à l'étage."),
]

#: What turns a database into one as schema version 1 had it, when marks ended words.
SCHEMA_1 = (
    "DROP TABLE chunks_fts",
    "CREATE VIRTUAL TABLE chunks_fts USING fts5(title, text, stems, content = '', tokenize = 'unicode61 remove_diacritics 2')",
    "INSERT INTO chunks_fts (rowid, title, text) SELECT n, title, text FROM chunks",
    "UPDATE metadata SET value = '1' WHERE key = 'schema_version'",
)


@pytest.fixture(scope="module")
def full():
    connection = apsw.Connection(":memory:")
    fill(connection, PASSAGES, count_words(PASSAGES))
    return FullText(connection)


@settings(max_examples=10_000)
@given(st.text(max_size=200))
@example('" OR 1; DROP TABLE chunks; --')
@example("NEAR(a b) AND NOT title:x* ^y {z} (")
@example("_ __ ' \" \x00 \ud800 stop")
@example("stop " * 5000)
@example(" ".join(f"w{i}" for i in range(5000)) + " stop")
@example("مرحبا 王将 🙂 é phone")
def test_any_text_becomes_a_query_that_runs(full, text):
    if (query := full.match(text)) is not None:
        term = r'\{title text\} : "[^"]+"( \*)?'
        assert re.fullmatch(f"{term}( OR {term})*", query)
        assert list(full.connection.execute(QUERIES["bm25"], (query, 5)))


def test_ten_megabytes_of_one_word_are_a_question_like_others(full):
    assert full.match("a" * 10_000_000) is None
    assert full.match("stop " * 2_000_000) == '{title text} : "stop"'


def test_a_question_finds_by_any_of_its_words_without_accents():
    run = full_text(
        PASSAGES, [Question("1", "my phone, did it ring?"), Question("2", "etage cafe"), Question("3", "?!")]
    )
    assert run["1"][0][0] == "a" and run["2"][0][0] == "c" and run["3"] == []


def test_bundle_database(tiny_built):
    database = Database(tiny_built / "out" / "tiny" / "corpus.db")
    assert len(database.ids) == 70 == len(database.vectors) and database.ids == sorted(database.ids)
    passage = database.passage("p003")
    assert passage["source"] == "rules" and passage["page"] == 2 and passage["metadata"]["page"] == 2
    assert [row["id"] for row in database.neighbours(passage, 1)] == ["p002", "p003", "p004"]
    database.close()


def test_a_database_as_version_1_wrote_it_is_refused(tiny_bundle):
    sql(tiny_bundle, *SCHEMA_1)
    put_digests_right(tiny_bundle)
    with pytest.raises(InputError, match=r"corpus\.db: schema_version is '1'; .* Build the bundle again"):
        pocketrag.open(tiny_bundle)


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "version", "metadata", "vector"])
def test_damaged_databases_are_refused_by_name(tiny_bundle, damage):
    file = tiny_bundle / "corpus.db"
    statement = {
        "version": "UPDATE metadata SET value = '1' WHERE key = 'schema_version'",
        "metadata": "DELETE FROM metadata WHERE key = 'embedding_dim'",
        "vector": "UPDATE chunk_vectors SET vector = x'00' WHERE n = 1",
    }.get(damage)
    if statement:
        connection = apsw.Connection(str(file))
        connection.execute(statement)
        connection.close()
    else:
        data = file.read_bytes()
        file.write_bytes(
            {"empty": b"", "text": b"no database at all" * 100, "truncated": data[: len(data) // 3]}[damage]
        )
    with pytest.raises(InputError, match=r"corpus\.db"):
        Database(file)
