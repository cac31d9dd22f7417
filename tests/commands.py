"""The commands that documents show: found in fenced blocks and in running text, in the steps of workflows and of hooks."""

import re
from pathlib import Path

import yaml

from tests.conftest import ROOT

DOCUMENTS = sorted(
    file
    for glob in (
        "*.md",
        "docs/*.md",
        "android_assets/*.md",
        "gradle-bundle/*.md",
        "examples/*/*.md",
        ".github/**/*.md",
    )
    for file in ROOT.glob(glob)
)
WORKFLOWS = sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *(ROOT / "examples").glob("*.yml")])
HOOKS = ROOT / ".pre-commit-config.yaml"


def fenced(file: Path) -> list[str]:
    """The lines of blocks in a shell's language or in none; continued lines are one."""
    # Blocks of every language, or the end of one would be the beginning of another.
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```", file.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    blocks = [block for language, block in found if language in ("", "sh", "bash", "console")]
    return [
        line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()
    ]


def inline(file: Path) -> list[str]:
    """The pieces of code in running text and in tables."""
    text = re.sub(r"^ *```.*?^ *```", "", file.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)]


def steps(file: Path) -> list[str]:
    """The commands of a workflow's steps."""
    jobs = yaml.safe_load(file.read_text("utf-8"))["jobs"].values()
    scripts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    return [part.strip() for script in scripts for line in script.splitlines() for part in line.split(" && ")]


def hooks() -> list[str]:
    """The commands of pre-commit."""
    return [
        hook["entry"] for repo in yaml.safe_load(HOOKS.read_text("utf-8"))["repos"] for hook in repo["hooks"]
    ]


def targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
