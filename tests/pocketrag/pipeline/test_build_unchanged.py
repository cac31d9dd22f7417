"""A build in which nothing changed: what it reads."""

import shutil
from collections import Counter

import pytest

from pocketrag.cli.main import main
from pocketrag.formats import files
from pocketrag.pipeline import digests, project
from pocketrag.recipe import recipe


@pytest.fixture
def read(monkeypatch):
    """How often recipes were parsed, and the bytes hashed, by file."""
    parsed, hashed, sha256, read_toml = [], Counter(), files.sha256, recipe.read_toml

    def count(file):
        hashed[file.resolve()] += file.stat().st_size
        return sha256(file)

    monkeypatch.setattr(files, "sha256", count)
    monkeypatch.setattr(recipe, "read_toml", lambda file: parsed.append(file) or read_toml(file))
    return parsed, hashed


def test_the_recipe_is_read_once_and_no_file_hashed_twice(tiny_built, tmp_path, monkeypatch, capfd, read):
    parsed, hashed = read
    folder = shutil.copytree(tiny_built, tmp_path / "built", symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(digests, "SETTLED", -1.0)
    assert main(["build", "tiny.toml", "--out", "out/tiny"]) == 0
    assert "running" not in capfd.readouterr().err and len(parsed) == 1
    twice = [file.name for file, count in hashed.items() if count > file.stat().st_size]
    assert set(twice) <= {"manifest.json"}  # of the bundle: its digest says which report is its own
    hashed.clear()
    assert main(["build", "tiny.toml", "--out", "out/tiny"]) == 0
    work = sum(file.stat().st_size for file in (folder / "work").rglob("*") if file.is_file())
    assert 0 < sum(hashed.values()) < work / 2
    assert project.DIGESTS in {file.name for file in (folder / "work" / "tiny").iterdir()}
