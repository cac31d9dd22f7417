"""`build --keep-model`: a passage changes, the model stays, and everything is measured again."""

import json
import shutil

import pytest

from tests.builds import edit
from tests.conftest import cli

TEXT = "a passage that nobody had written when the model was made"


def change_passage(folder, place=3):
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    rows[place]["text"] += f" {TEXT}"
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return rows[place]["_id"]


def build(folder, *more):
    return cli("build", "tiny.toml", "--out", "out/tiny", "--json", *more, cwd=folder)


def files_of(folder):
    manifest = json.loads((folder / "out" / "tiny" / "manifest.json").read_text())
    return {name: file["sha256"] for name, file in manifest["files"].items()}


def test_the_passages_are_new_the_model_is_not_and_nothing_is_stale(built):
    before = files_of(built)
    id_ = change_passage(built)
    edit(built / "tiny.toml", 'version = "0.1"', 'version = "0.1.1"')
    done = build(built, "--keep-model")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "convert-base: kept" in done.stderr and "quantize-base: kept" in done.stderr
    after = files_of(built)
    assert after["embedder.tflite"] == before["embedder.tflite"] and after["corpus.db"] != before["corpus.db"]
    said = json.loads(done.stdout)
    assert said["version"] == "0.1.1" and all(gate["outcome"] != "fail" for gate in said["gates"])
    found = json.loads(cli("search", "out/tiny", TEXT, "--mode", "bm25", "--json", cwd=built).stdout)
    assert found["hits"][0]["id"] == id_
    stages = json.loads(cli("status", "tiny.toml", "--out", "out/tiny", "--json", cwd=built).stdout)["stages"]
    assert {stage["state"] for stage in stages} == {"built"}
    kept = json.loads((built / "work" / "tiny" / "quantize-base" / "manifest.json").read_text())
    assert (
        set(kept["made_from"]) == {"corpus"}
        and kept["made_from"]["corpus"] != kept["key"]["inputs"]["corpus"]
    )
    again = build(built)
    assert again.returncode == 0 and "running" not in again.stderr and files_of(built) == after


def test_without_it_the_model_is_made_again(built):
    change_passage(built)
    done = build(built, "--dry-run")
    stages = {stage["stage"]: stage["state"] for stage in json.loads(done.stdout)["stages"]}
    assert stages["convert-base"] == stages["quantize-base"] == "stale"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("lengths = [16, 32]", "lengths = [16, 24]", "`export.lengths` of convert-base changed"),
        ("[export]", '[prompts]\nquery = "ask: {question}"\n[export]', "`prompts` of convert-base changed"),
    ],
)
def test_another_setting_is_refused_and_the_bundle_stays(built, before, after, said):
    there = files_of(built)
    edit(built / "tiny.toml", before, after)
    done = build(built, "--keep-model")
    assert done.returncode == 2 and said in done.stderr and files_of(built) == there


def test_what_is_not_there_is_not_kept(built):
    shutil.rmtree(built / "work" / "tiny" / "convert-base")
    done = build(built, "--keep-model")
    assert done.returncode == 2 and "there is no whole convert-base to keep" in done.stderr


@pytest.fixture
def tuned(tuned_built, tmp_path):
    return shutil.copytree(tuned_built[0], tmp_path / "tuned", symlinks=True)


def test_a_tuned_model_is_kept_while_the_split_is(tuned):
    change_passage(tuned, place=-1)
    done = build(tuned, "--keep-model")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tune: kept" in done.stderr and "merge: kept" in done.stderr


def test_of_another_split_no_tuned_model_is_kept(tuned):
    questions = (tuned / "queries.jsonl").read_text().splitlines(keepends=True)
    gone = json.loads(questions[0])["_id"]
    (tuned / "queries.jsonl").write_text("".join(questions[1:]))
    judged = (tuned / "qrels.tsv").read_text().splitlines(keepends=True)
    (tuned / "qrels.tsv").write_text("".join(row for row in judged if not row.startswith(f"{gone}\t")))
    done = build(tuned, "--keep-model")
    assert done.returncode == 2 and "`split`" in done.stderr and "must not have seen the test" in done.stderr
