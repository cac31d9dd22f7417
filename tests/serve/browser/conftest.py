"""The page's npm packages, and sites that were written with them."""

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from tests.conftest import ROOT, once
from tests.serve.browser.chromium import CHROMIUM, MISSING


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory) -> Path:
    """The packages as npm installs them by the lock; skips where there is no npm or no registry."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here")

    def make(folder):
        for name in ("package.json", "package-lock.json"):
            lock = resources.files("pocketrag.serve.browser").joinpath("packages", name)
            (folder / name).write_text(lock.read_text("utf-8"), "utf-8")
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
            pytest.skip(f"npm can't install the page's packages here: {done.stderr[-300:]}")

    return once(tmp_path_factory, "npm", make) / "node_modules"


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
