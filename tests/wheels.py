"""The project's wheel as pip builds it, from a copy of what git knows, so that a folder `build` in the tree has no part in it."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def tracked(*folders: str) -> list[str]:
    """The files of the project, or of folders of it: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file())


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder, without dependencies, and return it."""
    source = folder / "source"
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source]
    done = subprocess.run([*command, "--no-build-isolation"], capture_output=True, text=True)
    if done.returncode and "setuptools" in done.stderr + done.stdout:  # a venv without it builds in isolation
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    return wheel
