"""Packages that tests get from npm."""

import shutil
import subprocess
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

from tests.conftest import once


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
