"""Files as teams have them -> BEIR files that `read_judged` takes."""

import csv
import io
import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.ingest.fields import PASSAGE, QUESTION

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import normalized, read_corpus, read_judged, read_questions, read_unjudged
from tests.conftest import ROOT, cli
from tests.verbs import import_

CHUNKS = [
    {"chunk_id": "a#1", "content": "The king moves one square.", "heading": "King", "file": "rules.pdf", "page_no": "3", "lang": "en"},
    {"chunk_id": "a#2", "content": "A clock, once fallen,\nstays fallen.", "heading": "Clock", "file": "rules.pdf", "page_no": "4",
     "lang": "en"},
]  # fmt: skip
ASKED = [
    {"query": "How far does the king go?", "relevant_ids": ["a#1"], "level": "easy"},
    {"query": "When does a flag count?", "relevant_ids": ["a#2", "a#1"], "level": "hard"},
]


def put(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return file


def as_csv(rows, delimiter=","):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer.writerow(names)
    for row in rows:
        values = [row.get(name, "") for name in names]
        writer.writerow(
            [json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else v for v in values]
        )
    return stream.getvalue()


def as_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


FORMATS = {
    "json": ("json", lambda rows: json.dumps(rows, indent=1)),
    "under one key": ("json", lambda rows: json.dumps({"version": 1, "chunks": rows})),
    "jsonl": ("jsonl", as_lines),
    "lines in a .json": ("json", as_lines),
    "jsonl with BOM": ("jsonl", lambda rows: "\ufeff" + as_lines(rows)),
    "csv": ("csv", as_csv),
    "csv with BOM": ("csv", lambda rows: "\ufeff" + as_csv(rows)),
    "semicolons": ("csv", lambda rows: as_csv(rows, ";")),
    "tabs": ("tsv", lambda rows: as_csv(rows, "\t")),
    "bars, any suffix": ("txt", lambda rows: as_csv(rows, "|")),
}


def run(tmp_path, chunks, asked=None, suffix="json", **options):
    def text(rows):
        return rows if isinstance(rows, str | bytes) else FORMATS["json"][1](rows)

    file = put(tmp_path / f"chunks.{suffix}", text(chunks))
    questions = str(put(tmp_path / f"asked.{suffix}", text(asked))) if asked is not None else None
    return import_(str(file), questions, str(tmp_path / "my"), **options)


def judged(folder):
    return read_judged(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")


@pytest.mark.parametrize("shape", FORMATS)
def test_every_format_gives_the_same(tmp_path, shape):
    suffix, write = FORMATS[shape]
    facts = run(tmp_path, write(CHUNKS), write(ASKED), suffix)
    passages, questions, qrels = judged(tmp_path / "my")
    assert [(p.id, p.title, p.text) for p in passages] == [
        (c["chunk_id"], c["heading"], c["content"]) for c in CHUNKS
    ]
    assert passages[0].metadata == {"source": "rules.pdf", "page": 3, "language": "en"}
    assert [(q.id, q.text, q.metadata) for q in questions] == [
        ("q0001", ASKED[0]["query"], {"difficulty": "easy"}),
        ("q0002", ASKED[1]["query"], {"difficulty": "hard"}),
    ]
    assert qrels == {"q0001": {"a#1": 1}, "q0002": {"a#2": 1, "a#1": 1}}
    assert facts["fields"] == {
        "id": "chunk_id", "text": "content", "title": "heading", "source": "file", "page": "page_no", "language": "lang",
    }  # fmt: skip
    assert facts["question_fields"] == {
        "question": "query",
        "expected": "relevant_ids",
        "difficulty": "level",
    }
    assert (facts["passages"], facts["questions"], facts["judgements"], facts["made_question_ids"]) == (
        2,
        2,
        3,
        2,
    )


@pytest.mark.parametrize(
    ("row", "metadata"),
    [
        ({"page_content": "x y", "metadata": {"source": "a.pdf", "page": 3, "page_label": "4"}, "type": "Document", "id": None},
         {"source": "a.pdf", "page": 3, "page_label": "4", "type": "Document"}),
        ({"id_": "n1", "text": "x y", "metadata": {"file_name": "a.pdf", "file_path": "d/a.pdf", "page_label": "4"}, "embedding": None},
         {"source": "a.pdf", "page": 4, "file_path": "d/a.pdf", "embedding": None}),
        ({"content": "x y", "meta": {"url": "a", "n": [1, {"deep": True}]}}, {"source": "a", "n": [1, {"deep": True}]}),
        ({"chunkId": "n1", "doc_id": "d", "Text": "x y", "metadata": '{"k": 1}'}, {"k": 1, "doc_id": "d"}),
        ({"text": "x y", "metadata": "no object"}, {"metadata": "no object"}),
        ({"text": "x y", "n": 1, "metadata": {"n": 2}}, {"n": 1, "n_": 2}),
    ],
)  # fmt: skip
def test_nested_fields_of_libraries(tmp_path, row, metadata):
    run(tmp_path, [row])
    (passage,) = read_corpus(tmp_path / "my" / "corpus.jsonl")
    assert passage.text == "x y" and passage.metadata == metadata


@pytest.mark.parametrize(
    ("page", "metadata"),
    [
        ("12", {"page": 12}),
        (12.0, {"page": 12}),
        ("12.0", {"page": 12}),
        ("12-13", {"page": 12, "pages": "12-13"}),
        ("p. 12", {"page": 12, "pages": "p. 12"}),
        ([12, 13], {"page": 12, "pages": [12, 13]}),
        ("iv", {"page_label": "iv"}),
        (-1, {"page_label": -1}),
        (2**31, {"page_label": 2**31}),
        (True, {"page_label": True}),
        (None, {}),
        (" ", {}),
    ],
)
def test_pages(tmp_path, page, metadata):
    facts = run(tmp_path, [{"text": "x", "page": page, "source": 7, "parent": 1.5}])
    (passage,) = read_corpus(tmp_path / "my" / "corpus.jsonl")
    assert passage.metadata == {"source": "7", "parent": "1.5", **metadata}
    assert facts["unusable_pages"] == ("page_label" in metadata)


def test_ids_are_kept_or_made_and_expected_ids_follow(tmp_path):
    decomposed = unicodedata.normalize("NFD", "é1")
    chunks = [
        {"id": "a b", "text": "one", "file": "my rules.pdf"},
        {"id": "a_b", "text": "two", "file": "my rules.pdf"},
        {"id": 7, "text": "three", "file": "my rules.pdf"},
        {"id": None, "text": "four", "file": "my rules.pdf"},
        {"id": "", "text": "five"},
        {"id": decomposed, "text": "six"},
    ]
    asked = [
        {"id": "my id", "q": "which?", "expected": ["a b", "7", "é1"]},
        {"id": 3, "q": "what?", "expected": {"id": 7.0, "score": 2}},
        {"q": "who?", "expected": "a_b; my_rules.pdf#4", "id": "q0003"},
        {"q": "where?", "expected": "a_b"},
    ]
    facts = run(tmp_path, chunks, asked)
    passages, questions, qrels = judged(tmp_path / "my")
    assert [p.id for p in passages] == ["a_b-2", "a_b", "7", "my_rules.pdf#4", "chunks#1", decomposed]
    assert qrels == {
        "my_id": {"a_b-2": 1, "7": 1, decomposed: 1},
        "3": {"7": 2},
        "q0003": {"a_b": 1, "my_rules.pdf#4": 1},
        "q0004": {"a_b": 1},
    }
    assert questions[0].metadata == {"id": "my id"}
    made = [json.loads(line) for line in (tmp_path / "my" / "ids.jsonl").read_text("utf-8").splitlines()]
    assert made == [
        {"_id": "a_b-2", "was": "a b", "row": "item 1"},
        {"_id": "my_rules.pdf#4", "was": "", "row": "item 4"},
        {"_id": "chunks#1", "was": "", "row": "item 5"},
    ]
    assert facts["made_ids"] == 3 and facts["made_question_ids"] == 2


@pytest.mark.parametrize(
    ("value", "row"),
    [
        (["a", "b"], {"a": 1, "b": 1}),
        ('["a", "b"]', {"a": 1, "b": 1}),
        ("['a', 'b']", {"a": 1, "b": 1}),
        ("a|b", {"a": 1, "b": 1}),
        ("a;  b;", {"a": 1, "b": 1}),
        ("c,1;b", {"c,1": 1, "b": 1}),
        ("c,1", {"c,1": 1}),
        ("[d]", {"[d]": 1}),
        ([{"id": "a", "score": 2}, {"chunk_id": "b", "relevance": 0}], {"a": 2, "b": 0}),
        ('{"id": "a", "score": 3.0}', {"a": 3}),
        (["a", "a"], {"a": 1}),
    ],
)
def test_expected_ids_in_every_shape(tmp_path, value, row):
    run(
        tmp_path,
        [{"id": i, "text": f"text {i}"} for i in ("a", "b", "c,1", "[d]")],
        [{"question": "who?", "expected": value}],
    )
    assert judged(tmp_path / "my")[2] == {"q0001": row}


def test_a_score_of_the_row_and_rows_of_one_question(tmp_path):
    asked = "qid,question,chunk_id,score,note\n1,who?,a#1,2,x\n1,who?,a#2,0,y\n2,who?,a#2,1,\n"
    put(tmp_path / "asked.csv", asked)
    put(tmp_path / "chunks.jsonl", as_lines(CHUNKS))
    facts = import_(str(tmp_path / "chunks.jsonl"), str(tmp_path / "asked.csv"), str(tmp_path / "my"))
    assert judged(tmp_path / "my")[2] == {"1": {"a#1": 2, "a#2": 0}, "2": {"a#2": 1}}
    assert facts["joined_questions"] == 1
    assert read_questions(tmp_path / "my" / "queries.jsonl")[0].metadata == {"note": "x"}


@pytest.mark.parametrize(
    "row",
    [
        {"expected": []},
        {"expected": ""},
        {"answerable": False},
        {"is_impossible": "yes"},
        {"expected": [], "answerable": 0},
    ],
)
def test_unanswerable_questions_go_to_their_own_file(tmp_path, row):
    facts = run(tmp_path, CHUNKS, [{"query": "who?", **row}, {"query": "how?", "expected": "a#1"}])
    assert read_unjudged(tmp_path / "my" / "unanswerable.jsonl") == ["who?"]
    assert len(judged(tmp_path / "my")[1]) == 1 and facts["unanswerable"] == 1


def test_only_unanswerable_questions(tmp_path):
    assert run(tmp_path, CHUNKS, [{"query": "who?", "expected": []}])["files"] == [
        "corpus.jsonl",
        "unanswerable.jsonl",
    ]


def test_named_fields(tmp_path):
    rows = [{"Inhalt": "x", "section": "S", "title": "T", "metadata": {"Herkunft": "a", "source": 5}}]
    named = ["text=inhalt", "title=section", "source=Herkunft"]
    facts = run(tmp_path, rows, field=named)
    assert facts["fields"] == {"text": "Inhalt", "title": "section", "source": "metadata.Herkunft"}
    (passage,) = read_corpus(tmp_path / "my" / "corpus.jsonl")
    assert passage.title == "S" and passage.metadata == {"source": "a", "title": "T", "source_": 5}
    assert "title" not in run(tmp_path, rows, field=[named[0], "title=", named[2]], force=True)["fields"]


def test_two_candidates_that_say_the_same_are_one(tmp_path):
    rows = [{"id": "a", "uuid": "", "text": "x", "content": "x"}]
    assert run(tmp_path, rows)["fields"] == {"id": "id", "text": "text"}


KING, OTHER = {"id": "k", "text": "the king"}, {"id": "o", "text": "another"}
ASK = {"question": "who?", "expected": "k"}


@pytest.mark.parametrize(
    ("chunks", "suffix", "message"),
    [
        ("", "json", "chunks.json: holds no rows"),
        ("[]", "json", "holds no rows"),
        ("{}", "json", "no field is known to be the text"),
        ('[{"text": "a"},\n {"text" "b"}]', "json", "chunks.json:2: not JSON (Expecting ':' delimiter, column 10)"),
        ('{"text": "a"}\n{"text": }\n', "jsonl", "chunks.jsonl:2: not JSON"),
        ('{"text": "a"}\n{"text": }\n', "json", "chunks.json:2: not JSON"),
        ('{"text": "a", "n": NaN}\n', "jsonl", "chunks.jsonl:1: not JSON (NaN is not JSON; write null)"),
        ('{"text": "a", "text": "b"}\n', "jsonl", "the key 'text' stands twice"),
        ('[{"text": "a", "n": 1e999}]', "json", "item 1: a field holds a number beyond all floats"),
        ("[" * 100_000, "json", "not JSON"),
        ('{"a": [{"text": "x"}], "b": [{"text": "x"}]}', "json", "several lists (`a`, `b`)"),
        ('["text"]', "json", "item 1: expected an object with named fields, found str"),
        ("id,text\n1,a\n\n2\n", "csv", "chunks.csv:4: the row has 1 fields and the header 2"),
        ('id,text\n1,"a\nb"\n2,c,d\n', "csv", "chunks.csv:4: the row has 3 fields"),
        ('id,text\n1,a\n2,"open\n', "csv", "chunks.csv:3: not CSV (unexpected end of data)"),
        (f"id,text\n1,{'x' * 10_000_001}\n", "csv", "chunks.csv:2: not CSV (field larger than field limit (10000000))"),
        ("text,text\na,b\n", "csv", "chunks.csv:1: the header names 'text' twice"),
        (b"id,text\n1,caf\xe9\n", "csv", "chunks.csv:2: not UTF-8 (byte 6 of the line)"),
        (b'\xef\xbb\xbf{"text": "\xff"}', "jsonl", "chunks.jsonl:1: not UTF-8 (byte 11 of the line)"),
        ("id,text\n".encode("utf-16"), "csv", "chunks.csv: holds no rows"),
        ([{"text": "a", "content": "b", "title": "c", "name": "d"}], "json",
         "`text`, `content` could each be the text: choose with --field text=text; `title`, `name` could each be the title"),
        ([{"words": "x", "n": 1}], "json", "found `words`, `n`. Name it: --field text=THEIRS"),
        ([KING, {"id": "x", "text": " "}], "json", "item 2: `text` is empty"),
        ([KING, {"id": "x"}], "json", "item 2: `text` is empty"),
        ([KING, {"id": "x", "text": 3}], "json", "item 2: `text` must be a string, found int"),
        ([{"text": "a\x00"}], "json", "`text` holds a NUL"),
        ([{"text": "a", "title": "\ud800"}], "json", "`title` holds a NUL or a lone surrogate"),
        ([{"text": "a", "more": ["\ud800"]}], "json", "a field holds a lone surrogate"),
        ([{"text": "a", "\ud800": 1}], "json", "the field name '\\ud800' holds a NUL or a lone surrogate"),
        ([{"id": "\ud800", "text": "a"}], "json", "holds a NUL or a lone surrogate"),
        ([{"id": {"key": 1}, "text": "a"}], "json", "an id must be a string or a number, found dict"),
        ([KING, OTHER, {"id": "k", "text": "b"}], "json", "item 3: the id 'k' is that of"),
        ('{"id": 7, "text": "a"}\n\n{"id": "7", "text": "b"}', "jsonl", "chunks.jsonl:3: the id '7' is that of"),
        ([{"id": "é", "text": "a"}, {"id": "e\u0301", "text": "b"}], "json", "but for how its accents are encoded"),
        ([{"id": "a b", "text": "a"}, {"id": "a b", "text": "b"}], "json", "item 2: the id 'a b' is that of"),
        ([{"text": "a", "metadata.x": 1, "metadata": {"x": 2}}], "json", "has 'metadata.x' twice"),
    ],
)  # fmt: skip
def test_a_bad_chunk_file_is_named(tmp_path, chunks, suffix, message):
    with pytest.raises(InputError, match=re.escape(message)):
        run(tmp_path, chunks, suffix=suffix)
    assert not (tmp_path / "my").exists()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([ASK, {"question": "how?"}], "item 2: nothing says which chunks answer the question"),
        ([{"question": "who?", "expected": ["kk"]}], "no chunk has the expected id 'kk' (closest: 'k')"),
        ([{"question": "who?", "expected": "zzz"}], "'zzz' (none is like it)"),
        ([{"question": "who?", "expected": [{"score": 1}]}], "an object without an id"),
        ([{"question": "who?", "expected": [["k"]]}], "must be a string or a number, found list"),
        ([{"question": "who?", "expected": [""]}], "an expected id is empty"),
        ([{**ASK, "score": 0.7}], "the score 0.7 is not a whole number"),
        ([{**ASK, "score": 0}], "judges no passage relevant"),
        ([{"question": "who?", "expected": ["k", {"id": "k", "score": 2}]}], "'k' is judged 1 and 2"),
        ([{**ASK, "answerable": False}], "the question names ids and its mark says otherwise"),
        (
            [{"question": "who?", "expected": [], "answerable": True}],
            "names no id and its mark says otherwise",
        ),
        ([{**ASK, "answerable": "perhaps"}], "'perhaps' marks nothing"),
        ([{**ASK, "answerable": True, "unanswerable": True}], "its mark says otherwise"),
        ([ASK, {"question": "who?", "expected": []}], "item 2: the question names no id here and one in"),
        ([{**ASK, "id": 1}, {**ASK, "id": 1, "question": "how?"}], "item 2: the id '1' is that of"),
        ([{"question": "The  KING", "expected": "k"}], "the question is also the passage 'k'"),
        ([{"question": " ", "expected": "k"}], "`question` is empty"),
        ([{"words": "who?"}], "no field is known to be the question"),
        ([{**ASK, "prompt": "how?"}], "`question`, `prompt` could each be the question"),
    ],
)
def test_a_bad_question_file_is_named(tmp_path, asked, message):
    with pytest.raises(InputError, match=re.escape(message)) as error:
        run(tmp_path, [KING, OTHER], asked)
    assert "asked.json" in str(error.value) and not (tmp_path / "my").exists()


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("text", "expected NAME=THEIRS"),
        ("words=x", "where NAME is one of id, text, title"),
        ("text=words", "no such field; found `id`, `text`"),
        ("expected=gold", "there is no --questions FILE"),
    ],
)
def test_a_bad_field_option_is_named(tmp_path, field, message):
    with pytest.raises(InputError, match=re.escape(message)):
        run(tmp_path, [KING], field=[field])
    with pytest.raises(InputError, match="name it once"):
        run(tmp_path, [KING], field=["text=text", "text=id"])


def test_skipping_is_counted(tmp_path):
    chunks = [KING, {"id": "x", "text": " "}, OTHER]
    asked = [
        {"question": "who?", "expected": ["k", "x", "gone"]},
        {"question": "", "expected": ["k"]},
        {"question": "why?", "expected": ["gone"]},
    ]
    facts = run(tmp_path, chunks, asked, skip_empty=True, skip_unknown=True)
    assert judged(tmp_path / "my")[2] == {"q0001": {"k": 1}}
    assert facts["skipped"] == {
        "chunks without text": 1,
        "questions without text": 1,
        "unknown expected ids": 3,
        "questions without a judgement": 1,
    }
    with pytest.raises(InputError, match="no row holds a text"):
        run(tmp_path / "none", [{"text": ""}], skip_empty=True)
    with pytest.raises(InputError, match="no question is left"):
        run(tmp_path / "none", [KING], [{"question": "who?", "expected": "x"}], skip_unknown=True)


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_nothing_is_overwritten_without_force(tmp_path):
    run(tmp_path, [KING, {"text": "no id"}], [ASK, {"question": "none?", "expected": []}])
    put(tmp_path / "my" / "app.toml", "mine")
    before = contents(tmp_path / "my")
    with pytest.raises(
        InputError, match=re.escape("is there already; choose another --out, or replace it with --force")
    ):
        run(tmp_path, [OTHER])
    with pytest.raises(InputError):
        run(tmp_path, [{"text": ""}], force=True)
    assert contents(tmp_path / "my") == before
    run(tmp_path, [KING, {"text": "no id"}], [ASK, {"question": "none?", "expected": []}], force=True)
    assert contents(tmp_path / "my") == before  # the same inputs, the same bytes
    run(tmp_path, [KING], [ASK], force=True)
    assert sorted(contents(tmp_path / "my")) == ["app.toml", "corpus.jsonl", "qrels.tsv", "queries.jsonl"]


def test_a_break_while_writing_leaves_the_earlier_files(tmp_path, monkeypatch):
    run(tmp_path, [KING], [ASK])
    before = contents(tmp_path / "my")
    monkeypatch.setattr("pocketrag.formats.data.beir.read_judged", lambda *files: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, [OTHER], [{**ASK, "expected": "o"}], force=True)
    assert contents(tmp_path / "my") == before


def test_what_was_imported_can_be_imported(tmp_path):
    run(
        tmp_path,
        [{"id": "a", "text": "x", "page": "12-13", "section_id": 4, "content_": 1, "source": None}],
        field=["text=text"],
    )
    corpus = tmp_path / "my" / "corpus.jsonl"
    import_(str(corpus), out=str(tmp_path / "again"))
    assert (tmp_path / "again" / "corpus.jsonl").read_bytes() == corpus.read_bytes()


def test_the_command(tmp_path):
    put(tmp_path / "chunks.csv", as_csv(CHUNKS))
    put(tmp_path / "asked.csv", as_csv([*ASKED, {"query": "Who?", "relevant_ids": []}]))
    command = (
        "import",
        "chunks.csv",
        "--questions",
        "asked.csv",
        "--field",
        "source=",
        "--field",
        "page=page_no",
    )
    done = cli(*command, cwd=tmp_path)
    assert done.returncode == 2 and "--out DIR" in done.stderr
    shown = cli(*command, "--out", "my", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert (
        "page_no" in shown.stdout
        and re.search(r"unanswerable +1", shown.stdout)
        and "qrels.tsv" in shown.stdout
    )
    assert "file" in read_corpus(tmp_path / "my" / "corpus.jsonl")[0].metadata
    facts = json.loads(cli(*command, "--out", "other", "--json", cwd=tmp_path).stdout)
    assert facts["passages"] == 2 and facts["skipped"]["unknown expected ids"] == 0
    put(tmp_path / "chunks.csv", b"id,text\n1,\xff\n")
    assert cli(*command, "--out", "third", cwd=tmp_path).returncode == 2


def test_real_files(tmp_path):
    folder = ROOT.parent / "shared" / "data" / "arbiter_fr"
    if not (folder / "train_pairs.jsonl").exists():
        pytest.skip(f"no {folder}")
    facts = import_(
        str(folder / "train_corpus.jsonl"), str(folder / "train_pairs.jsonl"), str(tmp_path / "my")
    )
    passages, questions, qrels = judged(tmp_path / "my")
    given = read_corpus(folder / "train_corpus.jsonl")
    assert [(p.id, p.title, p.text) for p in passages] == [(p.id, p.title, p.text) for p in given]
    pairs = [json.loads(line) for line in (folder / "train_pairs.jsonl").read_text("utf-8").splitlines()]
    by_id = {q.id: q.text for q in questions}
    assert {(by_id[q], p) for q, row in qrels.items() for p in row} == {
        (pair["query"], pair["positive_id"]) for pair in pairs
    }
    assert facts["joined_questions"] == len(pairs) - len(questions) and facts["made_ids"] == 0


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
WORDS = TEXT.filter(str.strip)
ID = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda id_: not re.search(r"\s", id_))


def names(draw, table):
    """A random name of the file's for every field, in random case."""
    chosen = {field.name: draw(st.sampled_from(field.theirs)) for field in table}
    return {ours: draw(st.sampled_from([name, name.upper(), name.title()])) for ours, name in chosen.items()}


@st.composite
def corpora(draw):
    passages = draw(
        st.lists(
            st.fixed_dictionaries({"id": ID, "text": WORDS, "title": TEXT, "source": TEXT, "page": st.integers(0, 2**31 - 1)}),
            min_size=1, max_size=6, unique_by=lambda p: unicodedata.normalize("NFC", p["id"]),
        )
    )  # fmt: skip
    texts = {normalized(p["text"]) for p in passages}
    question = st.fixed_dictionaries(
        {
            "question_id": ID,
            "question": WORDS.filter(lambda text: normalized(text) not in texts),
            "expected": st.lists(st.sampled_from([p["id"] for p in passages]), min_size=1, unique=True),
        }
    )
    asked = draw(
        st.lists(
            question,
            min_size=1,
            max_size=4,
            unique_by=lambda q: unicodedata.normalize("NFC", q["question_id"]),
        )
    )
    ours = names(draw, PASSAGE), names(draw, QUESTION)
    rows = [
        [{name[k]: v for k, v in row.items()} for row in rows]
        for name, rows in zip(ours, (passages, asked), strict=True)
    ]
    return passages, asked, rows


@settings(max_examples=40)
@given(corpora(), st.sampled_from(sorted(FORMATS)), st.sampled_from(sorted(FORMATS)))
def test_round_trip(tmp_path_factory, corpus, shape, asked_shape):
    passages, asked, (chunk_rows, asked_rows) = corpus
    folder = tmp_path_factory.mktemp("round")
    (suffix, write), (asked_suffix, write_asked) = FORMATS[shape], FORMATS[asked_shape]
    chunks = put(folder / f"chunks.{suffix}", write(chunk_rows))
    questions = put(folder / f"asked.{asked_suffix}", write_asked(asked_rows))
    import_(str(chunks), str(questions), str(folder / "my"))
    found, found_asked, qrels = judged(folder / "my")
    as_given = {p["id"]: (p["title"] if p["title"].strip() else "", p["text"], p["source"] if p["source"].strip() else None, p["page"])
                for p in passages}  # fmt: skip
    assert {p.id: (p.title, p.text, p.metadata.get("source"), p.metadata["page"]) for p in found} == as_given
    assert {q.id: q.text for q in found_asked} == {q["question_id"]: q["question"] for q in asked}
    assert qrels == {q["question_id"]: dict.fromkeys(q["expected"], 1) for q in asked}
