"""Every `pocketrag serve` of the README and the guide, word for word, until it is ended."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.readme import commands
from tests.servers import Server

PAGES = ("README.md", "docs/serve.md", "docs/browser.md")
SERVE = sorted(
    {
        command
        for page in PAGES
        for command in commands((ROOT / page).read_text("utf-8"))
        if command.startswith("pocketrag serve ")
    }
)
STATIC = [command for command in SERVE if " --static " in command]


@pytest.fixture
def place(tiny_built, tmp_path):
    """A folder in which the names that the commands use are those of a tiny bundle."""
    for name in ("demo", "next"):
        shutil.copytree(tiny_built / "out" / "tiny", tmp_path / "android_assets" / name)
    for name in ("queries.jsonl", "qrels.tsv"):
        shutil.copy(tiny_built / name, tmp_path / name)
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_there_are_some_of_each_kind():
    assert len(STATIC) >= 1 and len(SERVE) - len(STATIC) >= 2


def test_what_serves(place):
    # One after another: without --port they take the same.
    for command in SERVE:
        if command not in STATIC:
            asked_and_ended(command, place)


def asked_and_ended(command, place):
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        said = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found, said + process.stderr.read()
        server = Server(process, int(found[1]))
        assert server.request("GET", "/")[0] == 200
        assert server.post("/search", {"question": "what moves if king 0 meets queen ?"})[1]["hits"]
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0 and "Traceback" not in told
    finally:
        process.kill()


@pytest.mark.parametrize("command", STATIC)
def test_what_writes_a_site(command, place, node_modules):
    # That npm can get the packages here is the fixture's to find out.
    done = subprocess.run(
        ["bash", "-c", command], cwd=place, env=environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0 and (place / "site" / "index.html").is_file(), done.stderr[-2000:]
