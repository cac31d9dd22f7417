"""The action `actions/release-gate`: its steps run with bash as a runner would, on the tiny bundle."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from pocketrag.formats.manifest import MANIFEST
from tests.bundles import reseal
from tests.conftest import ROOT

ACTION = yaml.safe_load((ROOT / "actions" / "release-gate" / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
#: As GitHub's runner calls it for `shell: bash`.
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]


@dataclass
class Run:
    """What came of a run: exit code of the action, what its steps said, their outputs and the summary page."""

    code: int = 0
    said: str = ""
    steps: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    summary: str = ""


def value(text: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    """An expression's value; there are two kinds in the action."""

    def one(match):
        name = match[1].strip()
        if name.startswith("inputs."):
            return inputs[name.removeprefix("inputs.")]
        _, step, _, output = name.split(".")
        return steps.get(step, {}).get(output, "")

    return re.sub(r"\$\{\{(.*?)\}\}", one, text)


def wanted(step: dict, inputs: dict[str, str], failed: bool) -> bool:
    condition = step.get("if", "")
    asked = re.search(r"inputs\.([\w-]+) != ''", condition)
    return (not failed or "always()" in condition) and (not asked or inputs[asked[1]] != "")


def outputs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())


@pytest.fixture
def act(tmp_path):
    """Run the action with inputs in a workspace of its own; nothing is installed."""

    def run(**given) -> Run:
        inputs = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()}
        inputs |= {"package": ""} | {key.replace("_", "-"): str(said) for key, said in given.items()}
        found, work = Run(), tmp_path / "workspace"
        work.mkdir(exist_ok=True)
        for number, step in enumerate(STEPS):
            if not wanted(step, inputs, found.code != 0):
                continue
            found.ran.append(step["name"])
            if "run" in step:
                _one(step, number, inputs, found, work)
        return found

    def _one(step, number, inputs, found, work):
        script, made, summary = (tmp_path / f"{number}.{kind}" for kind in ("sh", "out", "md"))
        script.write_text(step["run"])
        made.write_text("")
        summary.write_text("")
        env = {key: value(text, inputs, found.steps) for key, text in step.get("env", {}).items()}
        whole = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(made),
            "GITHUB_STEP_SUMMARY": str(summary),
            **env,
        }
        done = subprocess.run([*BASH, script], cwd=work, env=whole, capture_output=True, text=True)
        found.code = found.code or done.returncode
        found.said += done.stdout + done.stderr
        found.summary += summary.read_text("utf-8")
        if "id" in step:
            found.steps[step["id"]] = outputs(made)

    return run


def kept(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "workspace" / "release-gate").iterdir()}


def test_a_passing_bundle_with_a_baseline(act, tiny_built, tiny_bundle, tmp_path):
    baseline = tmp_path / "baseline.report.json"
    baseline.write_bytes((tiny_built / "out" / "tiny.report.json").read_bytes())
    found = act(bundle=tiny_bundle, baseline=baseline, **{"for": "build"})
    assert found.code == 0, found.said
    assert found.steps["verify"] == {"exit-code": "0"} and found.steps["compare"]["compared"] == "true"
    assert kept(tmp_path) == {"gates.xml", "tiny.report.json", "report.html"}
    assert "all required gates pass" in found.summary and "No baseline" not in found.said
    assert "Keep report, page and gates" in found.ran


def test_a_failing_gate_ends_with_1_and_is_kept(act, tiny_bundle, tmp_path):
    limits = json.loads((tiny_bundle / MANIFEST).read_text("utf-8"))["limits"]
    reseal(tiny_bundle, limits={**limits, "model_megabytes": 0.001})
    found = act(bundle=tiny_bundle, **{"for": "build"})
    assert found.code == 1 and "::error" in found.said and "do not ship" in found.said
    assert {"gates.xml", "tiny.report.json"} <= kept(tmp_path) and found.ran[-2:] == [
        "Keep report, page and gates",
        "Verdict",
    ]


def test_a_release_without_a_phone_ends_with_4(act, tiny_bundle, tmp_path):
    found = act(bundle=tiny_bundle)
    assert found.code == 4 and "could not be checked" in found.said and "gates.xml" in kept(tmp_path)


@pytest.mark.parametrize("baseline", ["", "baseline/none.report.json"])
def test_without_a_baseline_it_says_so_in_one_line_and_goes_on(baseline, act, tiny_bundle):
    found = act(bundle=tiny_bundle, baseline=baseline, **{"for": "build"})
    lines = [line for line in found.said.splitlines() if "No baseline" in line]
    assert found.code == 0 and len(lines) == 1 and lines[0].startswith("::notice") and baseline in lines[0]
    assert "No baseline" in found.summary and found.steps["compare"]["compared"] == "false"


def test_a_required_baseline_that_is_not_there_fails(act, tiny_bundle):
    found = act(bundle=tiny_bundle, require_baseline="true", **{"for": "build"})
    assert found.code == 1 and "::error title=release gate::No baseline" in found.said


def test_a_baseline_that_is_none_fails(act, tiny_bundle, tmp_path):
    (tmp_path / "odd.json").write_text("{}")
    found = act(bundle=tiny_bundle, baseline=tmp_path / "odd.json", **{"for": "build"})
    assert found.code == 2 and "not a report" in found.said and "Traceback" not in found.said


def test_no_bundle_ends_with_2(act, tmp_path):
    found = act(bundle="none")
    assert found.code == 2 and "no such folder" in found.said and "could not be verified" in found.said


def test_an_input_is_never_run(act, tmp_path):
    found = act(bundle='$(touch owned); touch owned; "', baseline="`touch owned`")
    assert found.code == 2 and not list(tmp_path.rglob("owned"))
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]


def test_it_is_an_action_of_least_surprise():
    assert ACTION["runs"]["using"] == "composite"
    assert all(spec["description"] for spec in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    for step in STEPS:
        assert ("run" in step and step["shell"] == "bash") or step["uses"].startswith("actions/")
    guide = (ROOT / "docs" / "release-gate.md").read_text("utf-8")
    assert all(f"`{name}`" in guide for name in ACTION["inputs"])
    assert ACTION["inputs"]["bundle"]["required"] is True
