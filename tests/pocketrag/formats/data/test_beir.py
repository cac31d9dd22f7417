import json
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import (
    Passage,
    Question,
    empty_passages,
    normalized,
    read_corpus,
    read_judged,
    read_qrels,
    read_questions,
    read_unjudged,
)
from tests.conftest import write_jsonl, write_qrels


def test_reads_what_was_written(data):
    passages, questions, qrels = read_judged(
        data / "corpus.jsonl", data / "queries.jsonl", data / "qrels.tsv"
    )
    assert len(passages) == 70 and len(questions) == 140 and len(qrels) == 140
    assert passages[0].metadata == {"source": "rules", "page": 1}
    assert qrels["q000-0"] == {"p000": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b'{"_id": "a", "text": "x"}\nnot json\n', ":2: not JSON"),
        (
            b'{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\n',
            ":2: the id 'a' stands in line 1 already",
        ),
        (b'{"_id": "a", "text": "caf\xe9"}\n', ":1: not UTF-8"),
        (b'["a"]\n', ":1: expected a JSON object"),
        (b'{"_id": "a"}\n', ":1: `text` is missing"),
        (b'{"_id": [1], "text": "x"}\n', ":1: `_id` must be a string"),
        (b'{"_id": "a", "text": "  "}\n', ":1: `text` is empty"),
        (b'{"_id": "a b", "text": "x"}\n', "white space"),
        (b'{"_id": "a", "text": "x", "metadata": 3}\n', "`metadata` must be a JSON object"),
        (b'{"_id": "a", "text": "\\ud800"}\n', "lone surrogate"),
        (b'{"_id": "a", "text": "x\\u0000"}\n', "NUL"),
        (b'{"_id": "a\\u0000", "text": "x"}\n', "`_id` holds a NUL"),
        (b'{"_id": "a", "title": "\\udfff", "text": "x"}\n', "`title` holds a NUL or a lone surrogate"),
        (b'{"_id": "a", "text": ""}\n', ":1: `text` is empty"),
        (b'{"_id": "", "text": "x"}\n', ":1: `_id` is empty"),
        (b"[" * 100_000, "not JSON"),
        (b'{"_id": "a", "text": "x", "n": ' + b"9" * 5000 + b"}\n", "not JSON"),
        (b'{"_id": "a", "text": "x", "metadata": {"source": ["b"]}}\n', "`metadata.source` must be a string"),
        (b'{"_id": "a", "text": "x", "metadata": {"page": "b"}}\n', "`metadata.page` must be a whole number"),
        (b'{"_id": "a", "text": "x", "metadata": {"k": NaN}}\n', "NaN"),
        (b'{"_id": "a", "text": "x", "metadata": {"k": "\\ud800"}}\n', "lone surrogate"),
    ],
)
def test_bad_corpus_names_file_and_line(tmp_path, content, message):
    file = tmp_path / "corpus.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_corpus(file)
    assert message in str(error.value) and str(file) in str(error.value)


def test_missing_corpus(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl: No such file"):
        read_corpus(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q\tp-unknown\t1", ":2: the corpus-id 'p-unknown' is unknown"),
        ("q-unknown\tp\t1", ":2: the query-id 'q-unknown' is unknown"),
        ("q\tp", ":2: expected"),
        ("q\tp\tyes", ":2: expected"),
        ("q\tp\t-1", "judges no passage relevant"),
        ("q\tp\t1\nq\tp\t2", ":3: 'q' judges 'p' twice"),
        ("q\tp\t0", "judges no passage relevant"),
    ],
)
def test_bad_qrels(tmp_path, line, message):
    passages = read_corpus(write_jsonl(tmp_path / "c.jsonl", [{"_id": "p", "text": "a passage"}]))
    questions = read_questions(write_jsonl(tmp_path / "q.jsonl", [{"_id": "q", "text": "a question"}]))
    file = tmp_path / "qrels.tsv"
    file.write_text(f"query-id\tcorpus-id\tscore\n{line}\n")
    with pytest.raises(InputError) as error:
        read_qrels(file, questions, passages)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "q 0 p 2\nq 0 r -2\n",
        "q\t0\tp\t2\r\nq\t0\tr\t0\r\n",
        "query_id\tdoc_id\trelevance\nq\tp\t2\nq\tp\t2\nq\tr\t-1\n",
        "q\tp\t2.0\nq\tr\t0\n",
    ],
)
def test_qrels_as_trec_and_others_write_them(tmp_path, text):
    passages = read_corpus(
        write_jsonl(tmp_path / "c.jsonl", [{"_id": id_, "text": f"passage {id_}"} for id_ in "pr"])
    )
    questions = read_questions(write_jsonl(tmp_path / "q.jsonl", [{"_id": "q", "text": "a question"}]))
    (tmp_path / "qrels").write_bytes(text.encode())
    assert read_qrels(tmp_path / "qrels", questions, passages) == {"q": {"p": 2, "r": 0}}


def test_a_question_that_is_a_passage_is_left_out_of_its_own_ranking(tmp_path):
    corpus = write_jsonl(
        tmp_path / "c.jsonl",
        [
            {"_id": "p", "text": "The same  text"},
            {"_id": "t", "title": "the same", "text": "text"},
            {"_id": "o", "text": "another"},
        ],
    )
    queries = write_jsonl(
        tmp_path / "q.jsonl",
        [{"_id": "q", "text": "the SAME text"}, {"_id": "lone", "text": "another"}],
    )
    judged = write_qrels(tmp_path / "r.tsv", [("q", "p"), ("q", "o"), ("lone", "o")])
    _, questions, qrels = read_judged(corpus, queries, judged)
    # `lone` has no other answer than itself: nothing can be measured on it.
    assert [(q.id, q.equal) for q in questions] == [("q", ("p", "t"))] and qrels == {"q": {"o": 1}}


def test_empty_passages_are_refused_and_the_recipes_key_is_named_or_left_out(tmp_path):
    rows = [{"_id": "a", "text": "x"}, {"_id": "b", "title": "B", "text": " "}, {"_id": "c", "text": ""}]
    corpus = write_jsonl(tmp_path / "c.jsonl", rows)
    with pytest.raises(InputError, match=r'c\.jsonl:2: `text` is empty.*`empty = "skip"` in \[data\]'):
        read_corpus(corpus)
    assert [p.id for p in read_corpus(corpus, skip_empty=True)] == ["a"]
    assert empty_passages(corpus) == ["b", "c"]
    queries = write_jsonl(tmp_path / "q.jsonl", [{"_id": "q", "text": "x ?"}, {"_id": "r", "text": "b ?"}])
    judged = write_qrels(tmp_path / "r.tsv", [("q", "a"), ("q", "b"), ("r", "c")])
    assert read_judged(corpus, queries, judged, skip_empty=True)[2] == {"q": {"a": 1}}
    with pytest.raises(InputError, match="no passage has a text"):
        read_corpus(write_jsonl(tmp_path / "e.jsonl", rows[1:]), skip_empty=True)


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path):
    file = tmp_path / "c.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"_id": "a", "text": "x"}\r\n{"_id": "b", "text": "y"}\r\n')
    assert [p.id for p in read_corpus(file)] == ["a", "b"]


@given(
    st.lists(
        st.tuples(st.text(string.ascii_letters, min_size=1), st.text(min_size=1)),
        min_size=1,
        unique_by=lambda t: t[0],
    )
)
def test_any_text_survives_or_is_refused(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("any") / "c.jsonl"
    file.write_text("".join(json.dumps({"_id": i, "text": t}) + "\n" for i, t in rows), "utf-8")
    try:
        passages = read_corpus(file)
    except InputError:
        assert any(
            not any(not c.isspace() and unicodedata.category(c) != "Cf" for c in t)
            or "\x00" in t
            or any(0xD800 <= ord(c) <= 0xDFFF for c in t)
            for _, t in rows
        )
    else:
        assert [(p.id, p.text) for p in passages] == rows


@given(st.text())
def test_normalized_is_idempotent(text):
    assert normalized(normalized(text)) == normalized(text)


def test_unjudged_questions_are_distinct_texts(tmp_path):
    file = write_jsonl(
        tmp_path / "more.jsonl",
        [{"query": "b", "positive_id": "p"}, {"text": "a"}, {"_id": "x", "text": "b"}],
    )
    assert read_unjudged(file) == ["b", "a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "more.jsonl: is empty"),
        (b'{"text": "x"}\nno\n', ":2: not JSON"),
        (b'{"text": "x"}\n["x"]\n', ":2: expected a JSON object with `text` or `query`"),
        (b'{"title": "x"}\n', ":1: `text` is missing"),
        (b'{"query": " "}\n', ":1: `query` is empty"),
        (b'{"text": "", "query": "x"}\n', ":1: `text` is empty"),
        (b'{"query": "a\\u0000"}\n', ":1: `query` holds a NUL"),
    ],
)
def test_bad_unjudged_questions_name_the_line(tmp_path, content, message):
    (tmp_path / "more.jsonl").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_unjudged(tmp_path / "more.jsonl")
    assert message in str(error.value)


def test_all_faults_of_a_file_at_once_up_to_20(tmp_path):
    file = tmp_path / "corpus.jsonl"
    file.write_text(
        '{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\nnot JSON\n{"_id": "b", "text": ""}\n'
    )
    with pytest.raises(InputError) as error:
        read_corpus(file)
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in str(error.value).splitlines()] == [
        "2",
        "3",
        "4",
    ]
    file.write_text("{\n" * 30)
    with pytest.raises(InputError) as error:
        read_corpus(file)
    assert len(str(error.value).splitlines()) == 20 and "The first 20" in str(error.value)


def test_all_faults_of_judgements(tmp_path):
    (tmp_path / "qrels.tsv").write_text("q\tp\t1\nq\tnone\t1\nq\tp\tx\nother\tp\t1\n")
    with pytest.raises(InputError) as error:
        read_qrels(tmp_path / "qrels.tsv", [Question("q", "?")], [Passage("p", "", "x")])
    assert len(str(error.value).splitlines()) == 3
