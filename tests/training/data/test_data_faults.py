"""All files of `[data]` are named at once, whichever is bad."""

import json

from tests.conftest import make_data, make_recipe
from tests.verbs import check


def data_line(folder, base):
    facts = check(str(make_recipe(folder, base)), work=str(folder / "work"))
    (found,) = (line for line in facts["checks"] if line["check"] == "data")
    assert found["outcome"] == "fail" and facts["exit"] == 2
    return found["detail"]


def add(file, *lines):
    file.write_text(file.read_text() + "".join(f"{line}\n" for line in lines))


def test_faults_of_corpus_questions_and_judgements_come_together(tmp_path, tiny_bert):
    folder = make_data(tmp_path)
    add(folder / "corpus.jsonl", json.dumps({"_id": "bare", "text": ""}), json.dumps({"text": "no id"}))
    add(folder / "queries.jsonl", json.dumps({"_id": "q 7", "text": "white space?"}))
    asked = json.loads((folder / "queries.jsonl").read_text().splitlines()[0])["_id"]
    add(
        folder / "qrels.tsv",
        f"{asked}\tnowhere\t1",
        f"{asked}\tbare\t1",
        "nobody\tbare\t1",
        f"{asked}\tbare\tx",
    )
    said = data_line(folder, tiny_bert)
    assert "`text` is empty" in said and "`_id` is missing" in said and "'q 7' holds white space" in said
    assert "corpus-id 'nowhere' is unknown" in said and "query-id 'nobody' is unknown" in said
    assert "with a whole score" in said and "'bare' is unknown" not in said


def test_where_a_line_can_t_be_read_no_id_is_called_unknown(tmp_path, tiny_bert):
    folder = make_data(tmp_path)
    add(folder / "corpus.jsonl", "{broken")
    asked = json.loads((folder / "queries.jsonl").read_text().splitlines()[0])["_id"]
    add(folder / "qrels.tsv", f"{asked}\tnowhere\t1", "nobody\tnowhere\t1")
    said = data_line(folder, tiny_bert)
    assert "not JSON" in said and "corpus-id" not in said and "query-id 'nobody' is unknown" in said
