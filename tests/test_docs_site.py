"""The documentation site's sources; `make docs`, a part of `make test`, renders them and fails on a warning."""

import ast
import importlib.util
import re

import pytest
import yaml

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "tools" / "docs_site.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    folder = tmp_path_factory.mktemp("site")
    tool.write(ROOT, folder / "docs", folder / "reference")
    return folder


@pytest.fixture(scope="module")
def config():
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


def pages(nav):
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from [value] if isinstance(value, str) else pages(value)


def test_every_page_of_the_navigation_exists_and_every_guide_is_in_it(site, config):
    shown = set(pages(config["nav"]))
    assert not [page for page in shown if not (site / "docs" / page).is_file()]
    guides = {str(file.relative_to(ROOT)) for file in (ROOT / "docs").glob("*.md")} | {
        file.name for file in ROOT.glob("*.md")
    }
    assert not guides - shown


def test_every_module_has_its_page_and_its_source(site):
    setup = {
        line
        for line in (site / "docs" / "reference" / "index.md").read_text("utf-8").splitlines()
        if line.startswith("| [")
    }
    names = {re.match(r"\| \[`([\w.]+)`\]", line)[1] for line in setup}
    assert {
        "pocketrag",
        "pocketrag.training.tune",
        "pocketrag.bench.verify",
        "pocketrag.gradle_bundle",
    } <= names
    for name in names:
        assert importlib.util.find_spec(name) is not None, name
        assert (site / "docs" / "reference" / f"{name}.md").is_file()
    assert len(names) == len(list((site / "reference").rglob("*.py")))


def test_every_module_says_what_it_is_for(site):
    for file in (site / "reference").rglob("*.py"):
        assert ast.get_docstring(ast.parse(file.read_text("utf-8"))), file


def test_nothing_is_fetched(config):
    assert config["theme"]["font"] is False and not {"extra_javascript", "extra_css"} & config.keys()
    assert not list((ROOT / "docs").rglob("*mermaid*"))
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        text = file.read_text("utf-8")
        # Mermaid would be fetched by the reader's browser, pictures of others too.
        assert "```mermaid" not in text and not re.search(r"!\[[^]]*\]\(https?:", text), file.name
