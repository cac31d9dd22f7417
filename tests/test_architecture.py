"""`ARCHITECTURE.md` names what is there, and leaves no package out."""

import re

import pytest

from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
TABLE = TEXT.split("## Where things are\n")[1].split("\n\n")[0]
PATHS = sorted(set(re.findall(r"`([\w.-]+/[\w./-]*)`", TABLE)))
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_table_exists(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_every_folder_of_the_project_is_in_the_table():
    layers = {
        f"pocketrag/{name.split('.')[1]}" for name in SETUP["packages"] if name.startswith("pocketrag.")
    }
    mapped = {
        f"pocketrag/{name.removeprefix('pocketrag.')}": folder
        for name, folder in SETUP["package-dir"].items()
    }
    for layer in layers:
        folder = mapped.get(layer, layer)
        assert any(path.startswith(f"{folder}/") for path in PATHS), folder


def test_the_tables_that_it_tells_to_extend_have_these_names():
    for name, file in (
        ("FAMILIES", "export/model/encoder.py"),
        ("RESCALERS", "export/half/fit.py"),
        ("CAPABILITIES", "pocketrag/formats/embedder/families.py"),
    ):
        assert f"`{name}`" in TEXT
        assert re.search(rf"^{name}\b", (ROOT / file).read_text("utf-8"), re.MULTILINE), name


def test_the_picture_is_there_and_fetches_nothing():
    (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    drawn = (ROOT / picture).read_text("utf-8")
    assert drawn.startswith("<svg") and not re.search(r"<script|href=|url\((?!#)", drawn)
