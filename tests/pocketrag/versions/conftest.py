"""Repositories with nothing released, and with two releases of one corpus: the base model, and a tuned one."""

import shutil
from pathlib import Path

import pytest

from pocketrag.versions.release import release
from tests.conftest import cli, make_data, make_recipe
from tests.pocketrag.versions.repositories import BASE, TUNED, commit, copy, make_repository


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A function that keeps this machine's git and DVC settings out."""
    pytest.importorskip("dvc")
    elsewhere = tmp_path_factory.mktemp("settings")
    (elsewhere / "gitconfig").write_text("[user]\nname = Tester\nemail = tester@example.com\n")

    def keep_out(patch):
        for name in ("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
            patch.setenv(name, str(elsewhere))
        for name in ("DVC_NO_ANALYTICS", "CI", "GIT_CONFIG_NOSYSTEM"):
            patch.setenv(name, "1")
        patch.setenv("GIT_CONFIG_GLOBAL", str(elsewhere / "gitconfig"))

    return keep_out


@pytest.fixture(scope="session")
def before(tiny_built, tmp_path_factory, alone) -> Path:
    """A built recipe in a repository, nothing released; `store` and `origin.git` lie beside it."""
    home = Path(shutil.copytree(tiny_built, tmp_path_factory.mktemp("before") / "home", symlinks=True))
    with pytest.MonkeyPatch.context() as patch:
        alone(patch)
        make_repository(home)
    return home


@pytest.fixture(scope="session")
def after(before, tmp_path_factory, tiny_bert, tuned_built, alone) -> Path:
    """Two releases, base and tuned, both pushed."""
    home = copy(before, tmp_path_factory.mktemp("after"))
    with pytest.MonkeyPatch.context() as patch:
        alone(patch)
        patch.chdir(home)
        release(BASE, "tiny.toml", bundle="out/tiny", push=True)
        make_data(home, asked=6)
        recipe = make_recipe(home, tiny_bert, "lora")
        text = recipe.read_text().replace("learning_rate = 1e-3", 'learning_rate = 2e-5\naccept = "marginal"')
        recipe.write_text(text.replace('version = "0.1"', 'version = "0.2"'))
        for stage in ("mine", "tune", "merge", "convert-tuned", "quantize-tuned"):  # the same, made already
            shutil.copytree(tuned_built[0] / "work" / "tiny" / stage, home / "work" / "tiny" / stage)
        done = cli("build", "tiny.toml", "--out", "out/tiny", cwd=home)
        assert done.returncode == 0, done.stderr[-2000:]
        commit(home)
        release(TUNED, "tiny.toml", bundle="out/tiny", push=True)
    return home


@pytest.fixture
def fresh(before, tmp_path, monkeypatch, alone):
    """A copy with nothing released, entered."""
    alone(monkeypatch)
    monkeypatch.chdir(copy(before, tmp_path))
    return Path.cwd()


@pytest.fixture
def two(after, tmp_path, monkeypatch, alone):
    """A copy with both releases, entered; the tuned one lies in place."""
    alone(monkeypatch)
    monkeypatch.chdir(copy(after, tmp_path))
    return Path.cwd()
