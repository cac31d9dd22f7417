"""`evaluate MODEL --mteb TASK`: mteb's own loading and scoring, of a dataset that lies in a folder."""

import json

import pytest
from pocketrag.bench.evaluate import evaluate

from pocketrag.cli.views.quality import show_mteb
from tests.conftest import cli, make_bert, make_data, write_jsonl

mteb = pytest.importorskip("mteb", reason="pip install 'pocketrag[mteb]'")

FILES = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": "qrels.tsv"}
README = """---
configs:
- {config_name: corpus, data_files: [{split: test, path: corpus/test.jsonl}]}
- {config_name: queries, data_files: [{split: test, path: queries/test.jsonl}]}
- {config_name: default, data_files: [{split: test, path: qrels/test.jsonl}]}
---
"""


def jsonl(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A tiny embedder and judged questions, which are SciFact for mteb."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    data, hub = make_data(tmp_path), tmp_path / "hub"
    judged = [line.split("\t") for line in (data / "qrels.tsv").read_text().splitlines()[1:]]
    asked = {question for question, _, _ in judged}
    rows = {
        "corpus": [{"title": "", **row} for row in jsonl(data / "corpus.jsonl")],
        "queries": [row for row in jsonl(data / "queries.jsonl") if row["_id"] in asked],
        "qrels": [{"query-id": q, "corpus-id": p, "score": int(score)} for q, p, score in judged],
    }
    for name, found in rows.items():
        (hub / name).mkdir(parents=True)
        keys = found[0].keys() & {"_id", "title", "text", "query-id", "corpus-id", "score"}
        write_jsonl(hub / name / "test.jsonl", [{key: row[key] for key in sorted(keys)} for row in found])
    (hub / "README.md").write_text(README)
    genuine = mteb.get_task

    def lying_here(name):
        task = genuine(name)
        task.metadata = task.metadata.model_copy(update={"dataset": {"path": str(hub), "revision": "1"}})
        return task

    monkeypatch.setattr(mteb, "get_task", lying_here)
    return make_bert(tmp_path / "bert"), data


def test_a_public_task_gives_what_our_own_evaluation_gives(given, tmp_path):
    model, data = given
    found = evaluate(str(model), mteb=["SciFact"], run=str(tmp_path / "runs")).as_json()
    row = found["scores"][0]
    own = evaluate(str(model), **{name: str(data / file) for name, file in FILES.items()}).as_json()
    assert (row["task"], row["split"], row["measure"]) == ("SciFact", "test", "ndcg_at_10")
    assert row["ndcg@10"]["n"] == own["n"] and 0 < row["score"] < 1
    assert row["score"] == pytest.approx(own["ndcg@10"], abs=1e-4)
    assert row["ndcg@10"]["mean"] == pytest.approx(own["ndcg@10"], abs=1e-6)
    assert row["ndcg@10"]["interval"][0] < row["score"] < row["ndcg@10"]["interval"][1]
    lines = (tmp_path / "runs" / "SciFact.default.test.trec").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == own["n"]


def test_its_table_names_task_and_version(given, capsys):
    show_mteb(evaluate(str(given[0]), mteb=["SciFact"]))
    shown = " ".join(capsys.readouterr().out.split())
    assert "SciFact" in shown and f"by mteb {mteb.__version__}" in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mteb", "SciFac"], "Did you mean: 'SciFact'"),
        (["--mteb", "STS12"], "only 'Retrieval' is taken"),
        (["--mteb", "SciFact", "--mode", "bm25"], "beside it --run alone"),
        (["--mteb", "SciFact"], "bring that machine's HF_HOME here"),
    ],
)
def test_what_is_no_task_or_has_no_data_here_is_refused(tmp_path, options, said):
    done = cli("evaluate", make_bert(tmp_path / "bert"), *options)
    assert done.returncode == 2 and said in " ".join(done.stderr.split())


def test_a_recipe_is_refused():
    done = cli("evaluate", "my.toml", "--mteb", "SciFact")
    assert done.returncode == 2 and "takes an embedder folder or hub id" in " ".join(done.stderr.split())
