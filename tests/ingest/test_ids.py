"""Ids: one rule for those of chunks, questions, judgements and expected lists."""

import json

import pytest
from pocketrag.ingest.ids import assign

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import read_corpus, read_judged
from tests.verbs import import_

GAPS = "id,text\n1.0,A pump.\n2.0,A lamp.\n,A door.\n"
AS_JSON = json.dumps([{"id": 1.0, "text": "A pump."}, {"id": 2.0, "text": "A lamp."}, {"id": None, "text": "A door."}])  # fmt: skip
VERSIONS = "id,text\n1.0,A pump.\n1.1,A lamp.\n"


def put(file, text):
    file.write_text(text)
    return str(file)


def ids(folder):
    return [p.id for p in read_corpus(folder / "corpus.jsonl")]


def judged(folder):
    return read_judged(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")[2]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("c.csv", GAPS, ["1", "2", "c#3"]),
        ("c.json", AS_JSON, ["1", "2", "c#3"]),
        ("c.csv", VERSIONS, ["1.0", "1.1"]),
        ("c.json", '[{"id": 1.0, "text": "A pump."}, {"id": 1.1, "text": "A lamp."}]', ["1.0", "1.1"]),
        ("c.csv", "id,text\n1.1,a b\n1.10,b c\n2.0,c d\n2,d e\n", ["1.1", "1.10", "2.0", "2"]),
        ("c.csv", "id,text\n0012,a b\n12,b c\n1e5,c d\n", ["0012", "12", "1e5"]),
    ],
)
def test_whole_numbers_lose_the_point_and_versions_keep_it(tmp_path, name, text, found):
    import_(put(tmp_path / name, text), out=str(tmp_path / "my"))
    assert ids(tmp_path / "my") == found


def test_one_number_with_and_without_a_point_is_one_id(tmp_path):
    with pytest.raises(InputError, match=r"c\.csv:3: the id '1' is that of .*c\.csv:2"):
        import_(put(tmp_path / "c.csv", "id,text\n1,A pump.\n1.0,A lamp.\n"), out=str(tmp_path / "my"))


@pytest.mark.parametrize("question", ["1", "1.0"])
@pytest.mark.parametrize("judging", ["1\t2\t1\n", "1.0\t2.0\t1.0\n"])
def test_judgements_find_what_pandas_made_floats(tmp_path, question, judging):
    chunks = put(tmp_path / "c.csv", GAPS)
    asked = put(tmp_path / "a.csv", f"qid,question\n{question},What gives light?\n2,And what?\n")
    import_(chunks, asked, str(tmp_path / "my"), qrels=put(tmp_path / "q.tsv", judging))
    assert judged(tmp_path / "my") == {"1": {"2": 1}}


@pytest.mark.parametrize("chunks", [GAPS, "id,text\n1,A pump.\n2,A lamp.\n"])
@pytest.mark.parametrize("expected", ["2.0", '"[2.0, 1.0]"', "2.0;1.0", "2"])
def test_expected_lists_find_what_pandas_made_floats(tmp_path, chunks, expected):
    asked = put(tmp_path / "a.csv", f"qid,question,expected\nx,What gives light?,{expected}\n")
    import_(put(tmp_path / "c.csv", chunks), asked, str(tmp_path / "my"))
    assert judged(tmp_path / "my")["x"]["2"] == 1


@pytest.mark.parametrize("expected", ["1.0", '"[1.0, 1.1]"', "1.0|1.1"])
def test_expected_versions_keep_their_point(tmp_path, expected):
    asked = put(tmp_path / "a.csv", f"qid,question,expected\nx,What moves?,{expected}\n")
    import_(put(tmp_path / "c.csv", VERSIONS), asked, str(tmp_path / "my"))
    assert judged(tmp_path / "my")["x"]["1.0"] == 1


def test_ids_that_differ_far_behind_stay_apart():
    given = ["i" * 3000 + " a", "i" * 3000 + "_a", "i" * 3000 + " b"]
    assert len(set(assign(given, ["", "", ""]))) == 3
