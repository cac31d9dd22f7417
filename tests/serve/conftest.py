"""The page's npm packages, and sites that were written with them."""

from importlib import resources
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.npm import installed
from tools.browser import CHROMIUM, MISSING


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory) -> Path:
    """The page's packages."""
    source = resources.files("pocketrag.serve.browser").joinpath("packages")
    return installed(tmp_path_factory, "npm", source)


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
