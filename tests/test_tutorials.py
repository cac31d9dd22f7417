"""The tutorials: each command in a block of `sh` is run, word for word; those in other blocks parse; the notebook is one."""

import json
import re
import shlex

import pytest

from pocketrag.cli.main import parser
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT, make_data
from tests.readme import make_home, run

FOLDER = ROOT / "docs" / "tutorials"
PAGES = sorted(page.name for page in FOLDER.glob("*.md"))


def blocks(page, kind):
    return re.findall(rf"```{kind}\n(.*?)```", (FOLDER / page).read_text("utf-8"), re.DOTALL)


def commands(page, kind="sh"):
    return [line for block in blocks(page, kind) for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", commands("handbook.md"))
def test_the_handbook(command, demo, tmp_path):
    run(command.replace("build/handbook-app", str(tmp_path / "app")), ROOT, tmp_path)


def test_own_documents(tmp_path):
    (tmp_path / "documents").mkdir()
    for n in range(12):
        text = f"# Rule {n}\n\nThe arbiter may stop clock {n} when a phone rings in hall {n}.\n"
        (tmp_path / "documents" / f"rule{n}.md").write_text(text)
    for command in commands("own-documents.md"):
        run(command, tmp_path, tmp_path)
    (csv,) = blocks("own-documents.md", "text")
    (tmp_path / "asked.csv").write_text(csv.replace("hall.md#2", "rule3.md#1"))
    run("pocketrag import my/corpus.jsonl --questions asked.csv --out my --force", tmp_path, tmp_path)
    assert "rule3.md#1" in (tmp_path / "my" / "qrels.tsv").read_text()


def test_the_french_corpus(tmp_path):
    home = make_home(tmp_path)
    for command in commands("french.md"):
        run(command, home, home)


def test_tables_of_recipes_are_some():
    for page in PAGES:
        for text in blocks(page, "toml"):
            tables = {"name": "app", "data": {"corpus": "corpus.jsonl"}, **tomllib.loads(text)}
            Recipe.model_validate(tables)


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_are_not_run_parse(page):
    text = (FOLDER / page).read_text("utf-8")
    inline = re.findall(r"`(pocketrag [^`\n]+)`", text)
    for line in (*inline, *(c for c in commands(page, "text") if c.startswith("pocketrag "))):
        parser().parse_args(shlex.split(line)[1:])


def test_the_notebook_is_one_and_its_commands_parse():
    found = json.loads((FOLDER / "tuning.ipynb").read_text("utf-8"))
    assert found["nbformat"] == 4 and len({cell["id"] for cell in found["cells"]}) == len(found["cells"])
    lines = [
        line.strip() for cell in found["cells"] if cell["cell_type"] == "code" for line in cell["source"]
    ]
    verbs = [shlex.split(line[1:]) for line in lines if line.startswith("!pocketrag")]
    assert [words[1] for words in verbs] == ["check", "mine", "tune", "merge", "evaluate"]
    for words in verbs:
        parser().parse_args(words[1:])
    assert not any(cell.get("outputs") for cell in found["cells"]), "nothing that somebody's machine printed"


def test_the_notebook_s_commands_are_those_of_the_page(tmp_path):
    make_data(tmp_path)
    page = [line for line in commands("gpu.md", "text") if line.startswith("pocketrag ")]
    cells = json.loads((FOLDER / "tuning.ipynb").read_text("utf-8"))["cells"]
    book = [line.strip()[1:] for cell in cells for line in cell["source"] if line.startswith("!pocketrag")]
    assert book == page[: len(book)]
