"""Documents -> questions -> a tuned bundle, in one recipe and without a question of people's."""

import json

import pytest

from tests.builds import build, edit
from tests.chat_server import Scripted, asks, served
from tests.conftest import cli, make_data, make_recipe, once


@pytest.fixture(scope="session")
def written(tmp_path_factory, tiny_bert):
    """A folder in which a model on this machine wrote questions, and a bundle was tuned on them; and what was said."""

    def make(folder):
        recipe = make_recipe(make_data(folder), tiny_bert, "lora")
        for name in ("queries.jsonl", "qrels.tsv"):
            (folder / name).unlink()
        edit(recipe, 'queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', 'synthetic = "asked"\n')
        done = cli("build", "tiny.toml", cwd=folder)
        (folder / "before.txt").write_text(f"{done.returncode} {done.stderr}")
        with served(Scripted(asks)) as address:
            done = cli(
                "questions", "tiny.toml", "--generator", address, "--model", "tiny-7b", "--json", cwd=folder
            )
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "questions.json").write_text(done.stdout)
        done = build(folder, "--accept-regression", "--json")
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "build.json").write_text(done.stdout)

    return once(tmp_path_factory, "written", make)


def test_before_the_questions_are_written_the_command_is_said(written):
    said = " ".join((written / "before.txt").read_text().split())
    assert said.startswith("2 ") and "`pocketrag questions RECIPE`" in said


def test_the_tuned_model_ships_and_says_that_nobody_judged_it(written):
    asked, built = (json.loads((written / name).read_text()) for name in ("questions.json", "build.json"))
    chosen = built["stages"]["choose"]
    assert built["verdict"]["ships"] == "tuned" and built["stages"]["tune"]["data"]["questions"]["test"] == 0
    assert chosen["compared"]["n"] == built["stages"]["tune"]["data"]["questions"]["dev"] >= 10
    assert asked["questions"] >= built["stages"]["mine"]["pairs"] + chosen["compared"]["n"]
    reason = built["verdict"]["reason"]
    assert (
        "no judged questions" in reason
        and f"on {chosen['compared']['n']} development questions that a model wrote" in reason
    )
    assert not any(
        key in built["verdict"] and built["verdict"][key] for key in ("tuned", "shipped", "searched")
    )
    assert not built["quality"]
    (quality,) = (gate for gate in built["gates"] if gate["gate"] == "quality")
    assert quality["outcome"] == "unchecked"
    assert "synthetic_queries" in built["stages"]["mine"]["sources"]


def test_a_release_asks_for_questions_of_people_s(written):
    done = cli("verify", "out/tiny", "--for", "release", "--json", cwd=written)
    gates = {gate["gate"]: gate["outcome"] for gate in json.loads(done.stdout)["gates"]}
    assert done.returncode == 4 and gates["quality"] == "unchecked"
    done = cli("evaluate", "tiny.toml", cwd=written)
    assert done.returncode == 2 and "no judged questions" in done.stderr


def test_check_says_what_trains(written):
    facts = json.loads(cli("check", "tiny.toml", "--json", cwd=written).stdout)
    rows = {line["check"]: line for line in facts["checks"]}
    assert "questions that a model wrote train and choose" in rows["data"]["detail"]
    assert "questions by a model" in rows["split"]["detail"] and rows["split"]["outcome"] == "pass"


def test_it_is_reported_and_nothing_changed_nothing_runs(written, tmp_path):
    done = cli("report", "out/tiny.report.json", "--out", tmp_path / "page.html", cwd=written)
    assert done.returncode == 0, done.stderr
    assert "development questions that a model wrote" in (tmp_path / "page.html").read_text()
    done = build(written, "--accept-regression")
    assert done.returncode == 0 and "running" not in done.stderr, done.stderr
    assert "ships" in done.stdout and "quality unchecked" in done.stdout
