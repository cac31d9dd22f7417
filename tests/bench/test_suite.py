"""`make bench`: figures are ratios to the reference, and a slower run fails."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def suite(bundle, *options):
    # What runs side by side measures nothing, so pytest-benchmark asks whether it does.
    alone = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_XDIST")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "bench/suite", "-p", "no:xdist", "-k", "tokenize", *map(str, options)],
        cwd=ROOT, env={**alone, "POCKETRAG_BUNDLE": str(bundle), "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(tiny_built, tmp_path_factory):
    file = tmp_path_factory.mktemp("suite") / "now.json"
    done = suite(tiny_built / "out" / "tiny", f"--benchmark-json={file}")
    assert done.returncode == 0, done.stdout[-2000:]
    return file


def test_figures_are_ratios_and_name_no_machine(measured):
    found = json.loads(measured.read_text())
    assert {b["name"] for b in found["benchmarks"]} == {
        "test_tokenize_a_question",
        "test_tokenize_a_long_text",
    }
    for one in found["benchmarks"]:
        assert one["stats"]["median"] > 0 and one["stats"]["rounds"] == 60 and "data" not in one["stats"]
        assert one["extra_info"]["like"] == "text" and one["extra_info"]["reference_ms"] > 0
    assert set(found["machine_info"]) <= {"system", "machine", "python_version", "cpu"}


@pytest.mark.parametrize(("factor", "code"), [(0.1, 1), (10, 0)])
def test_a_slower_run_than_the_baseline_fails(measured, tiny_built, tmp_path, factor, code):
    values = json.loads(measured.read_text())
    for one in values["benchmarks"]:
        one["stats"]["median"] *= factor
    (tmp_path / "then.json").write_text(json.dumps(values))
    done = suite(
        tiny_built / "out" / "tiny",
        f"--benchmark-compare={tmp_path / 'then.json'}",
        "--benchmark-compare-fail=median:100%",
    )
    assert bool(done.returncode) == bool(code) and (
        "Performance has regressed" in done.stdout + done.stderr
    ) == bool(code)


def test_the_stored_baseline_names_every_benchmark_there_is():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "bench/suite", "-p", "no:xdist", "--collect-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = {line.rsplit("::")[-1] for line in done.stdout.splitlines() if "::" in line}
    stored = json.loads((ROOT / "bench" / "suite" / "baseline.json").read_text())
    assert {b["name"] for b in stored["benchmarks"]} == found


def test_a_bundle_that_is_not_there_is_said(tmp_path):
    done = suite(tmp_path / "none")
    assert done.returncode == 2 and "no such bundle" in done.stdout + done.stderr
