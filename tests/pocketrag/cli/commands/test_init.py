"""`pocketrag init`: a recipe that reads, from nothing, passages or documents; nothing that is there is replaced."""

import json
import os
import pty
import subprocess
import sys

import pytest

from pocketrag.recipe.recipe import read_recipe
from tests.conftest import cli, make_data


def init(folder, *options, code=0):
    done = cli("init", *options, "--json", cwd=folder)
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout) if not code else done.stderr


def test_without_a_terminal_it_takes_defaults_and_says_which(tmp_path):
    found = init(tmp_path)
    assert found["recipe"] == "my/my.toml" and found["defaults"] == ["name", "language", "base", "npu"]
    assert found["commands"][0].startswith("pocketrag chunk my/documents --out my/corpus.jsonl")
    assert (tmp_path / "my" / "documents").is_dir() and (tmp_path / "my" / "recipe.schema.json").is_file()
    # What it names is not there yet; the recipe reads once it is.
    make_data(tmp_path / "my")
    recipe = read_recipe(str(tmp_path / "my" / "my.toml"))
    assert recipe.name == "my" and recipe.train.method == "none" and not recipe.data.has_questions


def test_what_was_imported_is_taken(tmp_path):
    (tmp_path / "my app").mkdir()
    before = {file.name: file.read_bytes() for file in make_data(tmp_path / "my app").iterdir()}
    found = init(
        tmp_path, "my app", "--language", "French", "--npu", "sm8750", "--npu", "SM8650", "--base", "a/b"
    )
    recipe = read_recipe(str(tmp_path / found["recipe"]))
    assert recipe.name == "my-app" and recipe.data.has_questions and recipe.train.method == "lora"
    assert recipe.search.language == "fr" and recipe.export.npu == ("SM8750", "SM8650")
    assert recipe.model.base == "a/b" and recipe.model.licence == "" and "documents" not in found["written"]
    assert all((tmp_path / "my app" / name).read_bytes() == content for name, content in before.items())
    assert found["commands"][0] == "pocketrag check 'my app/my-app.toml'"


def test_another_base_for_another_language(tmp_path):
    init(tmp_path, "ja", "--language", "ja")
    text = (tmp_path / "ja" / "ja.toml").read_text("utf-8")
    assert "embeddinggemma" in text and "ja: full text knows no stems of it" in text


def test_documents_are_cut_at_once(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Clocks\n\nThe arbiter may stop the clocks.\n")
    found = init(tmp_path, "new", "--from", "docs")
    assert (
        "arbiter" in (tmp_path / "new" / "corpus.jsonl").read_text()
        and "new/corpus.jsonl" in found["written"]
    )
    assert read_recipe(str(tmp_path / "new" / "new.toml")).data.corpus.is_file()
    assert "is there already, and --from would replace it" in init(
        tmp_path, "new", "--name", "two", "--from", "docs", code=2
    )


def test_a_corpus_elsewhere(tmp_path):
    (tmp_path / "data").mkdir()
    make_data(tmp_path / "data")
    init(tmp_path, "app", "--corpus", "data/corpus.jsonl")
    assert 'corpus = "../data/corpus.jsonl"' in (tmp_path / "app" / "app.toml").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--language", "frech"], "--language frech: no language's code of ISO 639-1; did you mean french?"),
        (["--language", "xx"], "such as en, fr, de or ja"),
        (["--name", "My App"], "--name My App: small letters, digits, - and _; my-app would do"),
        (["--corpus", "none.jsonl"], "--corpus none.jsonl: no such file"),
        (["--from", "none"], "--from none: no such folder"),
        (["--npu", "bla!"], "--npu BLA!: no system on a chip of Qualcomm's"),
        (["--base", "/none"], "--base /none: no such folder"),
        (["--base", "minilm"], "--base minilm: no folder of that name, and no hub id"),
        (["--from", ".", "--corpus", "x"], "give one of both"),
        (["a file"], "a file: is a file; name a folder"),
        (["a file/below"], "Not a directory"),
    ],
)
def test_bad_input_writes_nothing(tmp_path, options, said):
    (tmp_path / "a file").write_text("mine")
    assert said in init(tmp_path, *options, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def test_a_recipe_is_never_replaced(tmp_path):
    init(tmp_path)
    (tmp_path / "my" / "my.toml").write_text("mine")
    assert "my/my.toml: is there already, and is left as it is" in init(tmp_path, code=2)
    assert (tmp_path / "my" / "my.toml").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_can_not_be_written(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "Permission denied" in init(tmp_path, "locked", code=2)


def test_on_a_terminal_it_asks(tmp_path):
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pocketrag.cli", "init", "my", "--json"],
        cwd=tmp_path, stdin=inner, stderr=inner, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(inner)
    os.write(outer, b"asked\nfr\n\nSM8750\n")
    said, _ = process.communicate(timeout=120)
    os.close(outer)
    found = json.loads(said)
    assert process.returncode == 0 and found["recipe"] == "my/asked.toml"
    assert found["chosen"]["language"] == "fr" and found["defaults"] == ["base"]
    assert 'npu = ["SM8750"]' in (tmp_path / "my" / "asked.toml").read_text()


def test_unanswerable_questions_are_taken_where_they_lie(tmp_path):
    (tmp_path / "my").mkdir()
    make_data(tmp_path / "my")
    init(tmp_path, "my", "--name", "without")
    assert '\n# unanswerable = "unanswerable.jsonl"' in (tmp_path / "my" / "without.toml").read_text()
    rows = [f'{{"text": "What is nowhere, number {n} ?"}}' for n in range(20)]
    (tmp_path / "my" / "unanswerable.jsonl").write_text("\n".join(rows) + "\n")
    init(tmp_path, "my", "--name", "taken")
    assert read_recipe(str(tmp_path / "my" / "taken.toml")).data.unanswerable.is_file()
