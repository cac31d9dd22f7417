"""The first hour of three users, word for word as the documentation has it: the wheel in a fresh venv, in a folder with nothing of ours.

Each walk is kept as it was seen, command by command, in build/walks/NAME.txt. `long`: pip installs 2.6 GB, so it is left out of
`make test`; without a package index it skips.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.readme import commands
from tests.wheels import build_wheel

TUTORIALS = ROOT / "docs" / "tutorials"
RECORDS = ROOT / "build" / "walks"
DEMO = "android_assets/demo"
#: User -> what he types.
WALKS = {
    "ml_engineer": [
        *commands((TUTORIALS / "handbook.md").read_text("utf-8"))[:5],
        "pocketrag evaluate recipes/demo.toml",
        *commands((TUTORIALS / "own-documents.md").read_text("utf-8")),
    ],
    "release_engineer": [
        f"pocketrag verify {DEMO} --predict --junit gates.xml",
        f"pocketrag verify {DEMO} --for release || test $? = 4",
        f"pocketrag latency {DEMO} --threads 2",
        f"pocketrag parity {DEMO} work/demo/merge",
        f"pocketrag report {DEMO} --out report.html",
        f"pocketrag push {DEMO} --to someone/demo --dry-run",
    ],
    "mobile_engineer": [
        f"pocketrag aar {DEMO} --out maven",
        f"pocketrag gradle {DEMO} --out into-the-app",
        f'pocketrag search {DEMO} "How do I claim a threefold repetition?" -k 3',
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the examples and recipes that a user has fetched, and pocketrag in a venv made as docs/installing.md says."""
    home = tmp_path_factory.mktemp("home")
    for name in ("recipes", "examples"):
        shutil.copytree(ROOT / name, home / name)
    shutil.copy(ROOT / "LICENSE", home)
    (home / "documents").mkdir()
    for n in range(12):
        (home / "documents" / f"rule{n}.md").write_text(
            f"# Rule {n}\n\nThe arbiter may stop clock {n} in hall {n}.\n"
        )
    wheel = build_wheel(home)
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
    pip = [home / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run(
        [*pip, "download", "--no-deps", "--dest", home / "try", "idna"], capture_output=True
    ).returncode:
        pytest.skip("no package index to install from")
    subprocess.run([*pip, "install", "--quiet", f"{wheel}[demo,ingest]"], check=True, timeout=3000)
    return home


@pytest.mark.parametrize("user", WALKS)
def test_walk(user, place):
    """Each command succeeds and says what it did; nothing of a library's, no traceback, no line that only a machine reads."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    record = RECORDS / f"{user}.txt"
    record.write_text("")
    for command in WALKS[user]:
        code, seconds, said = walked(command, place)
        with record.open("a") as file:
            file.write(f"$ {command}\n{said}\n({seconds:.0f} s, exit code {code})\n\n")
        assert code == 0 and said.strip(), f"{command}\n{said[-3000:]}"
        assert not re.search(r"Traceback|Warning:|WARNING", said), said
    assert "pocketrag " in record.read_text()


def walked(command: str, home: Path) -> tuple[int, float, str]:
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "HF_", "VIRTUAL_ENV"))
    }
    env |= {"PATH": f"{home / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=home,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3000,
    )
    return done.returncode, time.monotonic() - began, done.stdout.replace(str(home), "~")
