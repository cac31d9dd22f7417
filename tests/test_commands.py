"""Every command that a document, a workflow or a hook shows is one: verbs and options, `make` targets, modules, tools.

tests/test_readme.py runs those of the README.
"""

import importlib.util
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest
import yaml

from pocketrag.cli.main import parser
from pocketrag.cli.verbs import VERBS
from tests.commands import DOCUMENTS, HOOKS, WORKFLOWS, fenced, hooks, inline, steps, targets
from tests.conftest import ROOT

OPTIONS = {verb.name: {"--json", "--help", *(option.name for option in verb.options)} for verb in VERBS}
OWN = {"--help", "--version", "--print-completion"}


def shown(file):
    """The commands of one file that have to be complete."""
    return steps(file) if file in WORKFLOWS else fenced(file)


def parse(command):
    """Parse it as the command line does; argparse ends the process where it can't."""
    words = shlex.split(command, comments=True)[1:]
    try:
        parser().parse_args(words)
    except SystemExit as end:
        assert end.code == 0, command


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", [*DOCUMENTS, *WORKFLOWS], ids=named)
def test_commands_parse(file):
    for command in shown(file):
        if command.startswith("pocketrag "):
            parse(command)


@pytest.mark.parametrize("file", DOCUMENTS, ids=named)
def test_verbs_and_options_in_running_text_exist(file):
    for code in inline(file):
        if match := re.match(r"pocketrag ([a-z][a-z-]*|--[a-z-]+)", code):
            verb = match[1]
            assert verb in OPTIONS or verb in OWN, f"{named(file)}: {code}"
            assert set(re.findall(r"(?<=\s)--[a-z][a-z-]*", code)) <= OPTIONS.get(verb, OWN), (
                f"{named(file)}: {code}"
            )


@pytest.mark.parametrize("file", [*DOCUMENTS, *WORKFLOWS], ids=named)
def test_make_targets_and_modules_exist(file):
    for code in [*shown(file), *(inline(file) if file in DOCUMENTS else [])]:
        for target in re.findall(r"(?:^|\s)make ([a-z][\w-]*)", code):
            assert target in targets(), f"{named(file)}: {code}"
        for module in re.findall(r"python3? -m (pocketrag[\w.]*)", code):
            assert importlib.util.find_spec(module) is not None, f"{named(file)}: {code}"


def test_something_was_found():
    found = [command for file in DOCUMENTS for command in fenced(file)]
    assert sum(command.startswith("pocketrag ") for command in found) >= 20
    assert sum(command.startswith("make ") for command in found) >= 5
    checks = ("pocketrag verify", "make test-all", "twine check")
    assert len(WORKFLOWS) == 4 and all(
        any(check in step for step in steps(file) for check in checks) for file in WORKFLOWS
    )


@pytest.mark.parametrize("file", WORKFLOWS, ids=named)
def test_a_workflow_has_least_permissions_an_end_and_known_actions(file):
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert True in workflow, "YAML 1.1 reads the key `on` as true"
    for name, job in workflow["jobs"].items():
        assert {"runs-on", "timeout-minutes", "steps"} <= job.keys(), name
        assert set([job["needs"]] if "needs" in job else []) <= workflow["jobs"].keys()
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            # GitHub's own actions and the index's, by major version or, as the file's head asks, by commit.
            known = r"(actions/[a-z-]+|pypa/gh-action-pypi-publish)@((release/)?v\d+|[0-9a-f]{40})"
            assert "uses" not in step or re.fullmatch(known, step["uses"])
            # What an event says is not part of a script.
            assert "${{ github.event" not in step.get("run", "")


def test_ci_runs_what_the_local_script_runs():
    assert "bash .ci/run" in steps(ROOT / ".github" / "workflows" / "ci.yml")
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert script[-1] == "make test" and (ROOT / ".ci" / "run").stat().st_mode & stat.S_IXUSR


def test_locks_that_a_workflow_installs_exist():
    for file in WORKFLOWS:
        for name in re.findall(r"requirements/[\w.-]+", " ".join(steps(file))):
            assert (ROOT / name).is_file(), f"{named(file)}: {name}"


def test_the_gate_to_copy_asks_for_a_release_and_keeps_what_was_measured():
    file = ROOT / "examples" / "release-gate.yml"
    jobs = yaml.safe_load(file.read_text("utf-8"))["jobs"]
    gate = next(step for step in steps(file) if "--for release" in step)
    (kept,) = [step for step in jobs["release"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert re.search(r"--junit (\S+)", gate)[1] in kept["with"]["path"].split() and kept["if"] == "always()"
    assert "report.json" in kept["with"]["path"]


def test_hooks_use_the_tools_of_the_project():
    here = Path(sys.executable).parent
    for command in hooks():
        tool, *rest = shlex.split(command)
        if tool == "make":
            assert rest[0] in targets()
        else:
            assert tool.startswith(".venv/bin/") and (here / Path(tool).name).is_file(), command
    assert {repo["repo"] for repo in yaml.safe_load(HOOKS.read_text("utf-8"))["repos"]} == {"local"}
