"""`pocketrag build` of a corpus without questions, and of one with very few."""

import json

import pytest

from tests.builds import build, edit
from tests.conftest import cli, make_data, make_recipe, once, write_jsonl, write_qrels


@pytest.fixture(scope="session")
def unasked(tmp_path_factory, tiny_bert):
    """A folder with a built recipe that names passages alone, and what `build` said."""

    def make(folder):
        recipe = make_recipe(make_data(folder), tiny_bert)
        edit(recipe, 'queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', "")
        edit(recipe, 'method = "none"\n', "")
        (folder / "queries.jsonl").unlink()
        (folder / "qrels.tsv").unlink()
        done = build(folder)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "said.txt").write_text(done.stdout + done.stderr)

    return once(tmp_path_factory, "unasked", make)


def test_it_is_published_and_says_what_is_missing_and_how_to_get_it(unasked):
    said = " ".join((unasked / "said.txt").read_text().split())
    assert "no judged questions" in said and "`pocketrag import`" in said
    manifest = json.loads((unasked / "out" / "tiny" / "manifest.json").read_text())
    assert manifest["verdict"]["shipped"] is None and "no judged questions" in manifest["verdict"]["reason"]
    report = json.loads((unasked / "out" / "tiny.report.json").read_text())
    (quality,) = (gate for gate in report["gates"] if gate["gate"] == "quality")
    assert quality["outcome"] == "unchecked" and "pocketrag import" in quality["detail"]
    assert not any(report["quality"].values())


def test_the_search_is_a_default_that_says_so(unasked):
    manifest = json.loads((unasked / "out" / "tiny" / "manifest.json").read_text())
    chosen = manifest["encoders"][0]["fusion"]["evidence"]["chosen"]
    assert (
        manifest["encoders"][0]["fusion"]["mode"],
        manifest["encoders"][0]["fusion"]["fusion"],
        manifest["encoders"][0]["fusion"]["dense_weight"],
    ) == (
        "hybrid",
        "scores",
        0.5,
    )
    assert chosen["questions"] == "none" and chosen["n"] == 0 and "against_dense" not in chosen


def test_the_golden_questions_are_the_passages_own_words(unasked):
    golden = json.loads((unasked / "out" / "tiny" / "golden.json").read_text())
    assert golden["questions"] == "own"
    asked = [text["question"] for text in golden["texts"] if text["question"]]
    rows = [json.loads(line) for line in (unasked / "corpus.jsonl").read_text().splitlines()]
    assert len(asked) == 32 and set(asked) <= {row[key] for row in rows for key in ("title", "text")}
    assert all(text["top"] for text in golden["texts"] if text["question"])


def test_a_build_may_go_without_quality_a_release_may_not(unasked):
    assert cli("verify", "out/tiny", cwd=unasked).returncode == 0
    done = cli("verify", "out/tiny", "--for", "release", "--json", cwd=unasked)
    assert done.returncode == 4
    outcomes = {gate["gate"]: gate["outcome"] for gate in json.loads(done.stdout)["gates"]}
    assert {name for name, outcome in outcomes.items() if outcome == "unchecked"} >= {"quality", "chance"}


def test_it_is_searched_and_reported(unasked, tmp_path):
    done = cli("search", "out/tiny", "the king 0", "--json", cwd=unasked)
    assert done.returncode == 0 and json.loads(done.stdout)["hits"][0]["id"] == "p000"
    done = cli("report", "out/tiny.report.json", "--out", tmp_path / "page.html", cwd=unasked)
    assert done.returncode == 0, done.stderr
    assert "quality unchecked: no judged questions" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("verb", ["mine", "tune", "evaluate"])
def test_what_needs_questions_refuses(unasked, verb):
    done = cli(verb, "tiny.toml", cwd=unasked)
    assert done.returncode == 2 and f"nothing to {verb}: no judged questions" in done.stderr


def test_check_says_it_beforehand(unasked, tmp_path):
    done = cli("check", "tiny.toml", "--work", tmp_path, "--json", cwd=unasked)
    facts = json.loads(done.stdout)
    (data,) = (line for line in facts["checks"] if line["check"] == "data")
    assert facts["exit"] == 0 and "70 passages; no judged questions" in data["detail"]


def test_nothing_changed_nothing_runs(unasked):
    done = build(unasked)
    assert done.returncode == 0 and "running" not in done.stderr


@pytest.mark.parametrize("asked", [1, 3])
def test_one_to_three_questions_build_to_the_end(tmp_path, tiny_bert, asked):
    folder = make_data(tmp_path, passages=20)
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()][: 2 * asked : 2]
    write_jsonl(folder / "queries.jsonl", rows)
    write_qrels(folder / "qrels.tsv", [(row["_id"], row["_id"].replace("q", "p")[:4]) for row in rows])
    make_recipe(folder, tiny_bert)
    done = build(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads((folder / "out" / "tiny.report.json").read_text())["quality"]["shipped"]["n"] == asked
