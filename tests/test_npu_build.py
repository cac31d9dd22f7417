"""`build`, `npu` and `verify` of recipes with `export.npu`, and what they say where it can't be."""

import json
import shutil

import pytest

from pocketrag.formats import files
from pocketrag.formats.npu import SUMS, read_npu
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.settings import value_of
from pocketrag.pipeline.stage import StageRef
from pocketrag.runtime.npu import emulate
from tests.builds import edit
from tests.conftest import cli, make_recipe
from tests.npu import SOC, needs_npu, with_npu


@pytest.fixture
def folder(npu_built, tmp_path):
    """A copy of what was built, free to change."""
    return shutil.copytree(npu_built, tmp_path / "built", symlinks=True)


@needs_npu
def test_build_publishes_what_it_proved_beside_the_bundle(npu_built):
    found = json.loads((npu_built / "build.json").read_text())
    spec = read_npu(npu_built / "out" / "tiny.npu")
    model = npu_built / "out" / "tiny" / "embedder.tflite"
    assert (spec.name, spec.version, spec.model) == ("tiny", "0.1", files.sha256(model))
    assert list(spec.files) == [SOC] and spec.files[SOC].hexagon == 79
    assert spec.lengths == tuple(found["stages"]["npu"]["lengths"]) and spec.tools["qairt"].startswith("2.")
    assert spec.proofs[SOC].n >= 12 and spec.proofs[SOC].mean_cosine >= 0.999
    assert not any("npu" in name for name in found["files"])
    text = (npu_built / "out" / "tiny.npu" / "npu.json").read_text()
    assert str(npu_built) not in text


def test_a_bundle_is_made_from_the_same_with_and_without(data, tiny_bert):
    recipe = make_recipe(data, tiny_bert)
    ref = StageRef("bundle", "base")
    without = value_of(Project.read(str(recipe)), ref, "packed", {})
    assert without == value_of(Project.read(str(with_npu(recipe))), ref, "packed", {})
    assert not any("npu" in key for key in without["export"])


@needs_npu
def test_again_gives_the_same_bytes_and_runs_nothing(folder):
    before = files.digests(folder / "out" / "tiny.npu")
    done = cli("npu", "tiny.toml", "--out", "again.npu", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "npu-base: unchanged" in done.stderr and files.digests(folder / "again.npu") == before
    found = json.loads(done.stdout)
    assert found["out"] == "again.npu" and {gate["outcome"] for gate in found["gates"]} == {
        "pass",
        "unchecked",
    }
    shutil.rmtree(folder / "work" / "tiny" / "npu-base")
    done = cli("npu", "tiny.toml", "--out", "again.npu", cwd=folder)
    assert done.returncode == 0 and "npu-base: running" in done.stderr
    assert files.digests(folder / "again.npu") == before


@needs_npu
def test_verify_looks_at_what_lies_beside(folder):
    bundle, file = folder / "out" / "tiny", folder / "out" / "tiny.npu" / f"{SOC}.tflite"
    done = cli("verify", bundle, "--json")
    gates = {gate["gate"]: gate["outcome"] for gate in json.loads(done.stdout)["gates"]}
    assert done.returncode == 0 and gates["npu_parity"] == "pass" and gates["npu_device"] == "unchecked"
    file.write_bytes(file.read_bytes()[:-10])
    done = cli("verify", bundle, "--json")
    gates = {gate["gate"]: gate["outcome"] for gate in json.loads(done.stdout)["gates"]}
    assert done.returncode == 1 and gates["npu_coverage"] == "fail"


@needs_npu
@pytest.mark.parametrize(
    ("socs", "more", "said"),
    [
        (["SM9999"], "", "`export.npu`: SM9999: LiteRT's compiler plugin does not know it"),
        (["phone"], "", "`export.npu"),
        ([SOC, SOC], "", "names each system on a chip once"),
        ([SOC], "npu_lengths = [64]\n", "npu_lengths: 64 is none of lengths"),
        ([SOC], "npu_lengths = [32, 16]\n", "must be a rising list"),
        ([SOC], 'npu_optimization = "O9"\n', "npu_optimization"),
    ],
)
def test_a_bad_recipe_is_one_sentence_and_the_earlier_files_stay(folder, socs, more, said):
    before = files.digests(folder / "out" / "tiny.npu")
    edit(folder / "tiny.toml", f'npu = ["{SOC}"]\n', f"npu = {json.dumps(socs)}\n{more}")
    for verb in ("build", "npu"):
        out = ["--out", "out/tiny" if verb == "build" else "out/tiny.npu"]
        done = cli(verb, "tiny.toml", *out, cwd=folder)
        assert done.returncode == 2 and said in done.stderr, done.stderr[-500:]
        assert files.digests(folder / "out" / "tiny.npu") == before


@needs_npu
def test_compiled_in_less_time_on_request(folder):
    before = read_npu(folder / "out" / "tiny.npu").files[SOC].sha256
    edit(folder / "tiny.toml", f'npu = ["{SOC}"]\n', f'npu = ["{SOC}"]\nnpu_optimization = "prepare"\n')
    done = cli("npu", "tiny.toml", "--out", "out/tiny.npu", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr[-500:]
    found = json.loads(done.stdout)
    assert found["optimization"] == "prepare" and found["proofs"][SOC]["mean_cosine"] >= 0.999
    assert found["files"][SOC]["sha256"] != before


@needs_npu
def test_files_of_another_version_than_the_bundle_are_not_published(folder):
    before = files.digests(folder / "out" / "tiny.npu")
    edit(folder / "tiny.toml", 'version = "0.1"', 'version = "0.2"')
    done = cli("npu", "tiny.toml", "--out", "out/tiny.npu", cwd=folder)
    assert done.returncode == 2 and "bundle" in done.stderr
    assert files.digests(folder / "out" / "tiny.npu") == before


def test_a_recipe_that_asks_for_none_is_told_how(built):
    done = cli("npu", "tiny.toml", cwd=built)
    assert done.returncode == 2 and 'add npu = ["SM8750"]' in done.stderr


@pytest.mark.parametrize("key", ["npu_lengths = [16]", 'npu_optimization = "prepare"'])
def test_keys_without_systems_say_nothing(key, built):
    edit(built / "tiny.toml", "lengths = [16, 32]\n", f"lengths = [16, 32]\n{key}\n")
    done = cli("check", "tiny.toml", cwd=built)
    assert done.returncode == 2 and f"{key.split()[0]}: says nothing without npu" in done.stderr


def test_something_else_at_the_target_is_left_alone(built):
    with_npu(built / "tiny.toml")
    (built / "out" / "tiny.npu").mkdir()
    (built / "out" / "tiny.npu" / "letter.txt").write_text("dear")
    for verb, out in (("build", "out/tiny"), ("npu", "out/tiny.npu")):
        done = cli(verb, "tiny.toml", "--out", out, cwd=built)
        assert done.returncode == 2 and "left alone" in done.stderr
    assert (built / "out" / "tiny.npu" / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("sys.platform", "darwin"), "for Linux on x86-64"),
        (("platform.machine", lambda: "aarch64"), "for Linux on x86-64"),
        (("sys.version_info", (3, 10)), "needs Python 3.11"),
        (
            ("importlib.util.find_spec", lambda name: None),
            "'onnx' is not installed: pip install 'pocketrag[npu]'",
        ),
    ],
)
def test_where_nothing_can_be_compiled_the_reason_is_said(change, said, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(*change)
    assert said in str(emulate.obstacle())


def test_sums_are_of_the_published_files(npu_built):
    if not (npu_built / "out" / "tiny.npu").is_dir():
        pytest.skip("NPU: nothing was compiled here")
    listed = files.read_sums(npu_built / "out" / "tiny.npu")
    there = files.digests(npu_built / "out" / "tiny.npu")
    assert listed == {name: digest for name, digest in there.items() if name != SUMS}
