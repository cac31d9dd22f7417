"""Files of known shapes, folders in BEIR layout, judgements apart, packed files, other charsets."""

import gzip
import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import read_corpus, read_judged
from tests.verbs import import_

TEXTS = {"n1": "A pump moves water.", "n2": "A lamp gives light."}
SQUAD = {
    "version": "2.0",
    "data": [
        {"title": "Pump_parts", "paragraphs": [
            {"context": TEXTS["n1"], "qas": [
                {"id": "a", "question": "What moves water?", "answers": [{"text": "A pump", "answer_start": 0}]},
                {"id": "b", "question": "Who sells it?", "answers": [], "is_impossible": True}]}]},
        {"title": "Pump_parts", "paragraphs": [
            {"context": TEXTS["n2"], "qas": [{"id": "c", "question": "What gives light?", "answers": []}]},
            {"context": TEXTS["n1"], "qas": [{"id": "d", "question": "What does a pump move?", "answers": []}]}]},
    ],
}  # fmt: skip
LLAMA = {
    "queries": {"a": "What moves water?", "c": "What gives light?"},
    "corpus": TEXTS,
    "relevant_docs": {"a": ["n1"], "c": ["n2"]},
    "mode": "text",
}


def put(file, value):
    file.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str | bytes) else json.dumps(value)
    data = text if isinstance(text, bytes) else text.encode()
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return str(file)


def judged(folder):
    passages, questions, qrels = read_judged(
        folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    )
    texts = {p.id: p.text for p in passages}
    return {q.text: {texts[id_]: score for id_, score in qrels[q.id].items()} for q in questions}


def test_squad(tmp_path):
    facts = import_(put(tmp_path / "train-v2.0.json", SQUAD), out=str(tmp_path / "my"))
    assert (facts["passages"], facts["questions"], facts["unanswerable"]) == (2, 3, 1)
    assert judged(tmp_path / "my") == {
        "What moves water?": {TEXTS["n1"]: 1},
        "What gives light?": {TEXTS["n2"]: 1},
        "What does a pump move?": {TEXTS["n1"]: 1},
    }
    assert read_corpus(tmp_path / "my" / "corpus.jsonl")[0].title == "Pump parts"


def test_llama_index(tmp_path):
    import_(put(tmp_path / "qa.json.gz", LLAMA), out=str(tmp_path / "my"))
    assert judged(tmp_path / "my") == {
        "What moves water?": {TEXTS["n1"]: 1},
        "What gives light?": {TEXTS["n2"]: 1},
    }


def test_ragas_questions_come_with_their_texts(tmp_path):
    rows = [
        {"user_input": "What moves water?", "reference_contexts": [TEXTS["n1"]], "reference": "A pump"},
        {"user_input": "What is there?", "reference_contexts": list(TEXTS.values()), "reference": "both"},
    ]
    import_(put(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows))), out=str(tmp_path / "my"))
    assert judged(tmp_path / "my")["What is there?"] == dict.fromkeys(TEXTS.values(), 1)


def test_a_ragas_csv_prints_its_lists_as_python_does(tmp_path):
    texts = str(["A pump; it's big.", 'A "lamp".']).replace('"', '""')
    text = f'user_input,reference_contexts,retrieved_contexts,reference\nWhat is there?,"{texts}",[],both\n'
    import_(put(tmp_path / "t.csv", text), out=str(tmp_path / "my"))
    assert judged(tmp_path / "my") == {"What is there?": {"A pump; it's big.": 1, 'A "lamp".': 1}}


@pytest.mark.parametrize("texts", ["['a' 'b']", "[open('x')]", "[1]", "a b"])
def test_what_is_no_list_of_texts_is_no_ragas_csv(tmp_path, texts):
    file = put(tmp_path / "t.csv", f'user_input,reference_contexts\nWhat is there?,"{texts}"\n')
    with pytest.raises(InputError, match="no field is known to be the text"):
        import_(file, out=str(tmp_path / "my"))


@pytest.mark.parametrize(
    "value",
    [
        {"id": {"0": "n1", "1": "n2"}, "text": {"0": TEXTS["n1"], "1": TEXTS["n2"]}},
        {"columns": ["id", "text"], "index": [0, 1], "data": [list(item) for item in TEXTS.items()]},
        {"ids": list(TEXTS), "documents": list(TEXTS.values()), "metadatas": None},
        {"hits": {"total": 2, "hits": [{"_id": key, "_score": 1, "_source": {"text": text}} for key, text in TEXTS.items()]}},
        {"features": [{"name": "text"}], "rows": [{"row_idx": 0, "row": {"id": key, "text": text}} for key, text in TEXTS.items()]},
        [{"id": key, "properties": {"text": text}} for key, text in TEXTS.items()],
        {"result": [{"id": key, "payload": {"text": text}} for key, text in TEXTS.items()]},
        [{"_id": {"$oid": key}, "text": text} for key, text in TEXTS.items()],
    ],
    ids=["columns", "split", "chroma", "elastic", "rows", "weaviate", "qdrant", "mongo"],
)  # fmt: skip
def test_data_frames_and_databases(tmp_path, value):
    import_(put(tmp_path / "a.json", value), out=str(tmp_path / "my"))
    assert {p.id: p.text for p in read_corpus(tmp_path / "my" / "corpus.jsonl")} == TEXTS


CORPUS = "".join(json.dumps({"_id": key, "title": "", "text": text}) + "\n" for key, text in TEXTS.items())
QUERIES = "".join(
    json.dumps({"_id": key, "text": text}) + "\n"
    for key, text in {**LLAMA["queries"], "x": "And what else?"}.items()
)
QRELS = "query-id\tcorpus-id\tscore\na\tn1\t1\na\tn2\t0\n"


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("where", ["qrels.tsv", "qrels/test.tsv"])
def test_a_folder_in_beir_layout(tmp_path, packed, where):
    put(tmp_path / "in" / f"corpus.jsonl{packed}", CORPUS)
    put(tmp_path / "in" / f"queries.jsonl{packed}", QUERIES)
    put(tmp_path / "in" / f"{where}{packed}", QRELS)
    if "/" in where:
        put(tmp_path / "in" / "qrels" / "dev.tsv", "c 0 n2 2\r\n")
    facts = import_(str(tmp_path / "in"), out=str(tmp_path / "my"))
    found = judged(tmp_path / "my")
    assert found["What moves water?"] == {TEXTS["n1"]: 1, TEXTS["n2"]: 0}
    assert found.get("What gives light?", {TEXTS["n2"]: 2}) == {TEXTS["n2"]: 2}
    assert facts["skipped"]["questions without a judgement"] == (1 if "/" in where else 2)


def test_files_of_judgements_that_disagree_are_both_named(tmp_path):
    put(tmp_path / "in" / "corpus.jsonl", CORPUS)
    put(tmp_path / "in" / "queries.jsonl", QUERIES)
    put(tmp_path / "in" / "qrels" / "test.tsv", QRELS)
    put(tmp_path / "in" / "qrels" / "train.tsv", "c\tn2\t1\na\tn1\t2\n")
    with pytest.raises(InputError) as error:
        import_(str(tmp_path / "in"), out=str(tmp_path / "my"))
    said = str(error.value)
    assert "train.tsv:2: 'n1' is judged 1 and 2" in said and "test.tsv:2)" in said


def test_a_folder_without_questions_is_a_corpus(tmp_path):
    put(tmp_path / "in" / "corpus.jsonl", CORPUS)
    assert import_(str(tmp_path / "in"), out=str(tmp_path / "my"))["files"] == ["corpus.jsonl"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: holds no corpus.jsonl"):
        import_(str(tmp_path / "empty"), out=str(tmp_path / "other"))


@pytest.mark.parametrize(
    "qrels",
    [
        "a\tn1\t1\nc\tn2\t2\n",
        "query_id\tdoc_id\trelevance\r\na\tn1\t1\r\nc\tn2\t2\r\n",
        "a 0 n1 1\nc Q0 n2 2\na 0 n2 -1\n",
        "a\tn1\t1.0\nc\tn2\t2.0\n",
    ],
)
def test_judgements_apart(tmp_path, qrels):
    chunks = put(tmp_path / "chunks.json", [{"id": key, "text": text} for key, text in TEXTS.items()])
    asked = put(tmp_path / "asked.csv", "qid,question\na,What moves water?\nc,What gives light?\n")
    import_(chunks, asked, qrels=put(tmp_path / "q.txt", qrels), out=str(tmp_path / "my"))
    found = judged(tmp_path / "my")
    assert found["What gives light?"] == {TEXTS["n2"]: 2} and found["What moves water?"][TEXTS["n1"]] == 1
    assert found["What moves water?"].get(TEXTS["n2"], 0) == 0


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("a\tn1\t1\nc\tn9\t1\n", r"q.tsv:2: no chunk has the expected id 'n9'"),
        ("a\tn1\n", r"q.tsv:1: expected `query-id TAB"),
        ("a\tn1\t1\na\tn1\t2\n", r"judged 1 and 2 for one question"),
        ("z\tn1\t1\n", r"asked.csv: the judgements name none of its questions"),
        ("\n", r"q.tsv: holds no judgement"),
    ],
)
def test_bad_judgements_are_named(tmp_path, qrels, message):
    chunks = put(tmp_path / "chunks.json", [{"id": key, "text": text} for key, text in TEXTS.items()])
    asked = put(tmp_path / "asked.csv", "qid,question\na,What moves water?\nc,What gives light?\n")
    with pytest.raises(InputError, match=message):
        import_(chunks, asked, qrels=put(tmp_path / "q.tsv", qrels), out=str(tmp_path / "my"))
    with pytest.raises(InputError, match=r"--qrels .*: judges questions, and there is no --questions"):
        import_(chunks, qrels=put(tmp_path / "q.tsv", qrels), out=str(tmp_path / "my"))
    assert not (tmp_path / "my").exists()


def test_parquet(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow", reason="comes with pocketrag[train]")
    from pyarrow import parquet

    table = pyarrow.table(
        {"id": [1, 2], "text": list(TEXTS.values()), "vector": [[0.5], None], "raw": [b"x", b""]}
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    import_(str(tmp_path / "a.parquet"), out=str(tmp_path / "my"))
    first = read_corpus(tmp_path / "my" / "corpus.jsonl")[0]
    assert (first.id, first.text, first.metadata) == ("1", TEXTS["n1"], {"vector": [0.5], "raw": "1 bytes"})
    with pytest.raises(InputError, match=r"b.parquet: not a readable Parquet"):
        import_(put(tmp_path / "b.parquet", "PAR1"), out=str(tmp_path / "other"))
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match="pip install pyarrow"):
        import_(str(tmp_path / "a.parquet"), out=str(tmp_path / "other"))


@pytest.mark.parametrize(
    ("charset", "label"),
    [("cp1252", "windows-1252"), ("cp1252", "latin1"), ("mac_roman", "macintosh"), ("cp1251", "windows-1251"), ("shift_jis", "sjis")],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_charsets_that_are_named(tmp_path, charset, label, end):
    text = {"cp1251": "Насос качает воду.", "shift_jis": "ポンプは水を送る。"}.get(charset, "Éteindre à 3 h")
    file = put(tmp_path / "a.csv", f"id;text{end}r1;{text}{end}".encode(charset))
    with pytest.raises(InputError, match=r"a.csv:\d: not UTF-8 .byte \d+ of the line.*--encoding"):
        import_(file, out=str(tmp_path / "my"))
    import_(file, out=str(tmp_path / "my"), encoding=label)
    (passage,) = read_corpus(tmp_path / "my" / "corpus.jsonl")
    assert passage.text == text


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n", '"sep={}"\r\n', "SEP={}\r"])
def test_what_spreadsheets_save(tmp_path, charset, separator, first):
    text = first.format(separator) + f"id{separator}text\r\nr1{separator}é, a; b\r\n".replace(
        ", a; b", " a b"
    )
    import_(put(tmp_path / "a.csv.gz", text.encode(charset)), out=str(tmp_path / "my"))
    (passage,) = read_corpus(tmp_path / "my" / "corpus.jsonl")
    assert (passage.id, passage.text) == ("r1", "é a b")


@pytest.mark.parametrize("expected", ["1.0", "[1.0, 2.0]", "1", '"[1, 2]"', "1.0;2.0"])
def test_ids_that_pandas_made_numbers_with_a_point(tmp_path, expected):
    chunks = put(tmp_path / "c.csv", "id,text\n1,A pump.\n2,A lamp.\n")
    quoted = expected if '"' in expected or "," not in expected else f'"{expected}"'
    asked = put(tmp_path / "a.csv", f"question,expected\nWhat is one?,{quoted}\nNothing?,\n")
    facts = import_(chunks, asked, str(tmp_path / "my"))
    assert facts["questions"] == 1 and facts["unanswerable"] == 1
    assert "A pump." in judged(tmp_path / "my")["What is one?"]


def test_squad_titles_that_differ_in_underscores_alone_share_one_count(tmp_path):
    data = [
        {
            "title": title,
            "paragraphs": [{"context": text, "qas": [{"id": text, "question": f"what {text}?"}]}],
        }
        for title, text in (("Pump_A", "oil"), ("Pump A", "lid"), ("Pump\tA", "rod"))
    ]
    facts = import_(put(tmp_path / "squad.json", {"data": data}), out=str(tmp_path / "my"))
    assert facts["passages"] == facts["questions"] == 3
    assert [passage.id for passage in read_corpus(tmp_path / "my" / "corpus.jsonl")] == [
        *("Pump_A#1", "Pump_A#2", "Pump_A#3")
    ]


def test_qrels_of_a_data_frame(tmp_path):
    chunks = put(tmp_path / "chunks.json", [{"id": "d1", "text": "oil"}, {"id": "d2", "text": "lid"}])
    asked = put(tmp_path / "asked.json", [{"id": "q1", "question": "what oil?"}])
    (tmp_path / "qrels.csv").write_text(",corpus-id,query-id,score\r\n0,d1,q1,1e0\r\n1,d2,q1,0\r\n")
    import_(chunks, questions=asked, qrels=str(tmp_path / "qrels.csv"), out=str(tmp_path / "my"))
    assert (tmp_path / "my" / "qrels.tsv").read_text() == "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n"
