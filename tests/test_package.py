"""The package as others see it: its names, its types, its words for the index, and the examples of its docstrings and guides."""

import ast
import doctest
import importlib.util
import re
from pathlib import Path

import pytest

import pocketrag
from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT

SOURCES = [
    ROOT / name
    for name in (
        "pocketrag",
        "training",
        "export",
        "bench",
        "ingest",
        "serve",
        "android_assets",
        "gradle-bundle",
    )
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, TOOL = PYPROJECT["project"], PYPROJECT["tool"]
#: Modules whose docstrings hold examples.
EXAMPLES = {
    "pocketrag": ROOT / "pocketrag" / "__init__.py",
    "pocketrag.export.half.exponents": ROOT / "export" / "half" / "exponents.py",
    "pocketrag.export.half.parts": ROOT / "export" / "half" / "parts.py",
    "pocketrag.formats.tokenizer": ROOT / "pocketrag" / "formats" / "tokenizer.py",
    "pocketrag.ingest.synthetic.model_reply": ROOT / "ingest" / "synthetic" / "model_reply.py",
    "pocketrag.reference.stand_ins": ROOT / "pocketrag" / "reference" / "stand_ins.py",
    "pocketrag.training.reading": ROOT / "training" / "reading.py",
}
GUIDES = sorted((ROOT / "docs").glob("*.md"))


def python_blocks(file):
    return re.findall(r"^```python\n(.*?)^```", file.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def names_in(module):
    """What a module defines or imports at its top, read and not imported: much of it needs torch."""
    found = importlib.util.find_spec(module)
    assert found is not None, module
    tree = ast.parse(Path(found.origin).read_text("utf-8"))
    names = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return names | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_public_names_are_there():
    assert pocketrag.__all__ == ["__version__", "open"] and all(
        hasattr(pocketrag, name) for name in pocketrag.__all__
    )


def test_every_example_of_a_docstring_is_known_here():
    assert {
        file for folder in SOURCES for file in folder.rglob("*.py") if ">>> " in file.read_text("utf-8")
    } == set(EXAMPLES.values())


@pytest.mark.parametrize("file", [*sorted(ROOT.glob("*.md")), *GUIDES], ids=lambda file: file.name)
def test_files_that_guides_name_are_there(file):
    """Dead links are found with the site; these are names in code spans."""
    named = re.findall(
        r"`((?:pocketrag|training|export|bench|ingest|serve|tools|tests|examples|recipes|docs)/[\w./-]+)`",
        file.read_text("utf-8"),
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_docstrings(name, demo, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed


def test_the_guides_example_of_the_runtime_runs(demo, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (code,) = python_blocks(ROOT / "docs" / "index.md")
    exec(compile(code, "docs/index.md", "exec"), {})  # noqa: S102 - our own guide
    assert len(capsys.readouterr().out.splitlines()) >= 5


@pytest.mark.parametrize("file", GUIDES, ids=lambda file: file.name)
def test_code_of_the_guides_imports_what_is_there(file):
    for code in python_blocks(file):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pocketrag"):
                assert {alias.name for alias in node.names} <= names_in(node.module), (
                    f"{file.name}: {node.module}"
                )


def test_types_are_shipped():
    # tests/export/test_gradle.py builds a wheel by the same table.
    assert (ROOT / "pocketrag" / "py.typed").is_file()
    assert "py.typed" in TOOL["setuptools"]["package-data"]["pocketrag"]


def test_pythons_are_said_once():
    listed = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    assert PROJECT["requires-python"] == ">=3.10,<3.13" and listed == {"3.10", "3.11", "3.12"}
    assert not any(c.startswith("License ::") for c in PROJECT["classifiers"]), (
        "`license` says it; both together are refused"
    )
