"""recipes/demo_npu.toml with real weights: compiled, emulated, published, verified."""

import json

from pocketrag.formats.npu import read_npu
from tests.conftest import ROOT, cli
from tests.npu import SOC, needs_npu


@needs_npu
def test_the_demo_keeps_to_its_figures(tmp_path):
    options = ["--work", tmp_path / "work", "--out", tmp_path / "demo_npu", "--json"]
    done = cli("build", "recipes/demo_npu.toml", *options, cwd=ROOT, timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    gates = {gate["gate"]: gate["outcome"] for gate in found["gates"] if gate["gate"].startswith("npu_")}
    assert gates == {
        "npu_coverage": "pass",
        "npu_parity": "pass",
        "npu_ranking": "pass",
        "npu_device": "unchecked",
    }
    proof = read_npu(tmp_path / "demo_npu.npu").proofs[SOC]
    assert proof.n >= 12 and proof.mean_cosine >= 0.9994 and proof.least_cosine >= 0.999
    (made,) = found["stages"]["npu"]["files"].values()
    assert made["bytes"] < 30e6 and made["peak_bytes"] < 3e9
