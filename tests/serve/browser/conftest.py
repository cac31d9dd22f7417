"""The page's npm packages, and sites that were written with them."""

import shutil
import subprocess
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

from tests.conftest import ROOT, once
from tests.serve.browser.chromium import CHROMIUM, MISSING


def installed(factory, name: str, source: Traversable) -> Path:
    """Return the node_modules that npm makes of a folder's lock; skips where there is no npm or no registry."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here")

    def make(folder):
        for file in ("package.json", "package-lock.json"):
            (folder / file).write_text(source.joinpath(file).read_text("utf-8"), "utf-8")
        command = [
            "npm",
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--engine-strict=false",
            "--fetch-retries=1",
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        assert "EINTEGRITY" not in done.stderr
        if done.returncode:
            pytest.skip(f"npm can't install packages here: {done.stderr[-300:]}")

    return once(factory, name, make) / "node_modules"


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory) -> Path:
    """The page's packages."""
    source = resources.files("pocketrag.serve.browser").joinpath("packages")
    return installed(tmp_path_factory, "npm", source)


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script that looks for barriers in a page."""
    folder = installed(tmp_path_factory, "axe", Path(__file__).parent / "axe")
    return (folder / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def browser_packages(node_modules) -> Path:
    """The packages, where there is a Chromium to run them in."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    return node_modules


@pytest.fixture
def demo_bundle(request) -> Path:
    """The demo as it lies here, or as it is built."""
    here = ROOT / "android_assets" / "demo"
    return here if (here / "manifest.json").is_file() else request.getfixturevalue("demo")[0]
