"""A git and DVC repository as a team has it, with a remote for each half beside it."""

import json
import shutil
import subprocess
import sys

from pocketrag.formats.files import digests

BASE, TUNED = "v1.0-base", "v1.1-tuned"
OURS = {
    "out/tiny.dvc",
    "out/.gitignore",
    "versions/tiny/.gitignore",
    "versions/tiny/embeddings.npy.dvc",
    "versions/tiny/corpus.db.dvc",
    "versions/tiny/model.dvc",
}


def run(folder, *command):
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def git(folder, *arguments):
    return run(folder, "git", *arguments)


def dvc(folder, *arguments):
    return run(folder, sys.executable, "-m", "dvc", *arguments)


def commit(folder, message="work"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make_repository(folder):
    """A repository as a team has it: the recipe and its data committed, work and bundles ignored, a remote for each half."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    dvc(folder, "init", "--quiet")
    dvc(folder, "remote", "add", "--quiet", "--default", "store", "../store")
    git(folder.parent, "init", "--quiet", "--bare", "--initial-branch", "main", "origin.git")
    git(folder, "remote", "add", "origin", "../origin.git")
    (folder / ".gitignore").write_text("work/\n*.report.json\n")
    (folder / "versions").mkdir()
    git(folder, "add", ".dvc", ".gitignore", "*.toml", "*.jsonl", "*.tsv")
    git(folder, "commit", "--quiet", "--message", "first")


def copy(home, target):
    shutil.copytree(home.parent, target, dirs_exist_ok=True, symlinks=True)
    shutil.rmtree(target / home.name / ".dvc" / "tmp", ignore_errors=True)
    return target / home.name


def state(home):
    """All that a command which refuses must leave alone."""
    data = {str(p): digests(home / p) for p in ("out/tiny", "versions")}
    return data, git(home, "log", "--all", "--format=%H %D"), git(home, "status", "--porcelain")


def model_of(home):
    return json.loads((home / "out" / "tiny" / "manifest.json").read_text())["model_id"]
