"""`write_database`: what it refuses, what it keeps to the letter, and what a killed one leaves."""

import hashlib
import json
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.export.database.write import write_database

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.database import Database
from pocketrag.runtime.words import count_words, stemmer, with_stems

LONG_WORD = "é" * 5_000_000  # 10 MB of UTF-8
TEXTS = {
    "emoji": "🙂🏽‍♂️ 👩‍👩‍👧‍👦 🇫🇷",
    "right-to-left": "مرحبا بالعالم \u202eשלום\u202c \u200f",
    "combining": "e\u0301\u0323 a\u030a Z̸a̷l̵g̶o̴",
    "composed": "\u00e9 \ufb01 \u212b",
    "white-space": "\u00a0\u2028\u2029\t \u3000x\r\n",
    "control": "\x01\x1b[31m\x7f\ufeff\ufffe",
    "sql": "'); DROP TABLE chunks; -- ?1 \" \\",
    "scripts": "王将 ภาษาไทย हिन्दी 한국어 𝔘𝔫𝔦",
    "beyond": "\U0010ffff\U0001f600",
    "long": "king " * 20_000,  # 100 kB
    "word": LONG_WORD,
    "half-letter": "a" + "ب" * 20_000,  # FTS5 cuts it after 32 768 bytes, in mid-letter
}


def unit(n, dims=8, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((n, dims)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write(file, passages, vectors=None, words=None, **metadata):
    vectors = unit(len(passages)) if vectors is None else vectors
    return write_database(
        file, passages, vectors, words or count_words(passages), {"model_id": "m", **metadata}
    )


def passages(*ids):
    return [Passage(id_, "", f"text of {n}") for n, id_ in enumerate(ids)]


@pytest.mark.parametrize(
    ("one", "other"), [("\u00e9", "e\u0301"), ("\u212b", "\u00c5"), ("x\u0323\u0307", "x\u0307\u0323")]
)
def test_ids_that_are_one_after_normalisation(tmp_path, one, other):
    with pytest.raises(InputError) as error:
        write(tmp_path / "corpus.db", passages("a", one, other))
    assert repr(one) in str(error.value) and repr(other) in str(error.value) and "NFC" in str(error.value)
    assert not (tmp_path / "corpus.db").exists()
    write(tmp_path / "corpus.db", passages("\ufb01", "fi", "A", "a", one))  # alike, and not one by NFC


def test_an_id_twice(tmp_path):
    with pytest.raises(InputError, match=r"corpus\.db|'a'"):
        write(tmp_path / "corpus.db", passages("a", "b", "a"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (np.nan, "holds NaN or infinity"),
        (np.inf, "holds NaN or infinity"),
        (-np.inf, "holds NaN or infinity"),
        (0.0, "has the length 0"),
        (1.0, "has the length 2.828"),
        (0.3, "has the length 0.848"),
    ],
)
def test_a_vector_that_can_not_be_ranked_is_named_by_its_passage(tmp_path, row, message):
    vectors = unit(3)
    if np.isfinite(row):
        vectors[1] = row
    else:
        vectors[1, 5] = row
    with pytest.raises(InputError) as error:
        write(tmp_path / "corpus.db", passages("a", "the-wrong-one", "c"), vectors)
    assert message in str(error.value) and "'the-wrong-one'" in str(error.value)
    assert not (tmp_path / "corpus.db").exists()


@pytest.mark.parametrize("shape", [(2, 8), (4, 8), (3,), (3, 8, 1), (3, 0), (0, 8)])
def test_vectors_of_another_count_or_shape(tmp_path, shape):
    with pytest.raises(InputError, match=r"3 passages and vectors of shape|the vector of passage 'a'"):
        write(tmp_path / "corpus.db", passages("a", "b", "c"), np.ones(shape, np.float32))


def test_no_passages(tmp_path):
    with pytest.raises(InputError, match="0 passages"):
        write_database(
            tmp_path / "corpus.db", [], np.empty((0, 8), np.float32), count_words([]), {"model_id": "m"}
        )


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A database of texts that no tokenizer or database likes, with stems."""
    rows = [
        Passage(f"{key}-ü", text if key == "emoji" else "", text, {"source": text[:50]})
        for key, text in TEXTS.items()
    ]
    file = tmp_path_factory.mktemp("odd") / "corpus.db"
    write(file, rows, words=with_stems(rows, stemmer("fr")))
    database = Database(file)
    yield rows, database
    database.close()


def test_every_text_comes_back_to_the_letter(odd):
    rows, database = odd
    for p in rows:
        found = database.passage(p.id)
        assert (found["title"], found["text"], found["metadata"], found["source"]) == (
            p.title,
            p.text,
            p.metadata,
            p.text[:50],
        )


def test_full_text_of_any_texts_is_whole(odd):
    assert odd[1].full_text_is_whole()


@pytest.mark.parametrize(
    ("question", "id_"),
    [
        ("CAFE kings KING", "long"),
        ("مرحبا", "right-to-left"),
        ("z\u0338A\u0337L\u0335g\u0336O\u0334", "combining"),
        ("한국어", "scripts"),
        (LONG_WORD, "word"),
    ],
)
def test_any_text_is_found_by_its_words(odd, question, id_):
    assert [found for found, _ in odd[1].bm25(question, 1)] == [f"{id_}-ü"]


def test_a_word_of_ten_megabytes_is_kept_once(odd):
    """In the passage; the tables beside it hold what FTS5 keeps of it."""
    (longest,) = odd[1].rows("SELECT max(length(CAST(word AS BLOB))) FROM words")[0]
    assert longest == 32_768


#: Text as beir.read_corpus lets it through.
ANY = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1).filter(
    str.strip
)


@settings(max_examples=60)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=4))
def test_any_passages_are_kept_and_whole(tmp_path_factory, rows):
    made = [Passage(f"p{n}", title, text) for n, (title, text) in enumerate(rows)]
    file = tmp_path_factory.mktemp("any") / "corpus.db"
    write(file, made)
    database = Database(file)
    assert [
        (r["title"], r["text"]) for r in map(database.passage, database.ids)
    ] == rows and database.full_text_is_whole()
    database.close()


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    """In another process too: no order of a set or a hash may decide."""
    made = [Passage(f"p{n}", f"title {n}", f"text of king {n}", {"b": n, "a": [n]}) for n in range(50)]
    for name in ("one", "two"):
        write_database(
            tmp_path / name,
            made,
            unit(50),
            with_stems(made, stemmer("en")),
            {"model_id": "m"},
            ("sqlite-vec", "rag-sdk"),
        )
    code = (
        "import sys, tests.export.database.test_write as t\n"
        "from pathlib import Path\n"
        "made = [t.Passage(f'p{n}', f'title {n}', f'text of king {n}', {'a': [n], 'b': n}) for n in range(50)]\n"
        "words = t.with_stems(made[::-1], t.stemmer('en'))\n"
        "t.write_database(Path(sys.argv[1]), made, t.unit(50), words, {'model_id': 'm'}, ('sqlite-vec', 'rag-sdk'))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "three")], check=True, capture_output=True)
    assert (
        len({hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one", "two", "three")})
        == 1
    )


def test_metadata_of_a_bundle_are_all_that_the_schema_lists(tiny_built):
    from pocketrag.android_assets import sql

    comment = sql("schema.sql").split("Keys: ")[1].split("Nothing about")[0]
    listed = "".join(
        c for part in comment.split("(")[0:1] + comment.split(")")[1:] for c in part.split("(")[0]
    )
    keys = {word.strip(" -\n.;") for word in listed.replace("\n--", " ").split(",")}
    bundle = tiny_built / "out" / "tiny"
    database = Database(bundle / "corpus.db")
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert set(database.metadata) == keys and len(keys) == 9
    found = database.metadata
    assert found["model_id"] == manifest["vectors"]["model_id"] != manifest["model_id"]
    assert re.fullmatch("tiny-float-[0-9a-f]{12}", found["model_id"]) and found["language"] == ""
    assert (found["embedding_dim"], found["total_chunks"], found["vector_format"]) == ("32", "70", "int8")
    database.close()


def test_a_file_that_is_there_is_not_written_into(tmp_path):
    file = tmp_path / "corpus.db"
    write(file, passages("a"))
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"corpus\.db"):
        write(file, passages("b"))
    assert file.read_bytes() == before


#: Ends the process as the nth statement on a file begins, without a word.
KILLED = """
import os, signal, sys
from pathlib import Path
import apsw
import tests.export.database.test_write as t
left = int(sys.argv[2])
def count(cursor, statement, bindings):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return True
apsw.connection_hooks.append(lambda c: setattr(c, "exec_trace", count) if c.filename.endswith("corpus.db") else None)
t.write(Path(sys.argv[1]), t.passages(*(f"p{n}" for n in range(200))))
print(left)
"""


def test_what_a_killed_write_leaves_is_nothing_or_whole(tmp_path):
    def run(n):
        file = tmp_path / f"{n}" / "corpus.db"
        file.parent.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(file), str(n)], capture_output=True, text=True
        )
        return file, done

    whole, done = run(1_000_000)
    assert done.returncode == 0, done.stderr
    statements = 1_000_000 - int(done.stdout.split()[-1])
    opened = 0
    for n in (2, statements // 3, statements // 2, statements - 2, statements - 1, statements):
        file, done = run(n)
        assert done.returncode == -signal.SIGKILL
        try:
            database = Database(file)
        except InputError:
            continue
        opened += 1
        assert (
            database.full_text_is_whole()
            and len(database.ids) == 200
            and database.metadata == Database(whole).metadata
        )
    assert opened <= 1  # all is one transaction; behind it only VACUUM is left
