"""The README's commands, and a place as it assumes it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, make_bert, make_data


def commands(page: str, kind: str = "sh") -> list[str]:
    """Return the lines of a page's blocks of a kind."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = commands(README)
#: Those on a recipe of one's own need no demo.
OWN = [command for command in COMMANDS if "my/app.toml" in command]


def make_home(home: Path) -> Path:
    """`my/app.toml` with data, and an embedder at ~/models (a tiny stand-in for the real one)."""
    make_bert(home / "models" / "embeddinggemma-300m", tokens=256)
    (home / "my").mkdir()
    make_data(home / "my", asked=3)
    (recipe,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (home / "my" / "app.toml").write_text(recipe)
    return home


def run(command: str, cwd: Path, home: Path) -> None:
    """Run a command word for word; it must succeed, and say something."""
    bin_folder = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() and "Traceback" not in done.stderr
