"""The gates of NPU files on the real emulator: a sound file passes, and each kind of wrong one is seen to fail."""

import json
import shutil

import pytest
from pocketrag.bench.gates.npu import npu_files, npu_gates
from pocketrag.bench.gates.npu.npu_files import plan
from pocketrag.bench.verify import check_npu
from pocketrag.export.npu.compiler import compile_for
from pocketrag.export.npu.rewrite import rewrite
from pocketrag.export.npu.toolchain import find_toolchain

from pocketrag.formats.golden import Golden, Text
from pocketrag.formats.layout import MODEL
from pocketrag.formats.npu import read_spec
from pocketrag.runtime.npu.compiled_file import read_compiled
from pocketrag.runtime.npu.emulate import EmulatorError, emulate
from tests.conftest import cli, make_bert, make_data, make_recipe
from tests.npu import SOC, enlarged, needs_npu, reseal

GATES = ["npu_coverage", "npu_parity", "npu_ranking", "npu_device"]


@pytest.fixture
def files(npu_built, tmp_path):
    """A bundle and a copy of its NPU files, free to change."""
    return npu_built / "out" / "tiny", shutil.copytree(npu_built / "out" / "tiny.npu", tmp_path / "tiny.npu")


def outcomes(bundle, npu):
    found = check_npu(bundle, npu)
    assert [one.gate for one in found.gates] == GATES
    return {one.gate.removeprefix("npu_"): one for one in found.gates}


def put(npu, source, soc=SOC, **changed):
    """Put another compiled file in the place of the one that is there."""
    (length,) = read_spec(npu).lengths
    half = npu.parent / "half.tflite"
    rewrite(source, half, [length])
    compile_for(soc, half, npu / f"{SOC}.tflite", find_toolchain())
    return reseal(npu, **changed)


@needs_npu
def test_a_sound_file_passes_and_is_called_emulated(npu_built):
    found = {gate["gate"]: gate for gate in json.loads((npu_built / "build.json").read_text())["gates"]}
    assert found["npu_coverage"]["outcome"] == "pass" and "Hexagon 79" in found["npu_coverage"]["detail"]
    for name in ("npu_parity", "npu_ranking"):
        assert found[name]["outcome"] == "pass" and "emulated" in found[name]["detail"], found[name]
    assert found["npu_device"]["outcome"] == "unchecked" and "not silicon" in found["npu_device"]["detail"]


@needs_npu
def test_a_damaged_context_fails(files):
    bundle, npu = files
    file = npu / f"{SOC}.tflite"
    content = bytearray(file.read_bytes())
    (signature,) = read_compiled(file).signatures
    begin, size = signature.place
    content[begin + size // 2 : begin + size - 1000] = bytes(size - 1000 - size // 2)
    file.write_bytes(content)
    found = outcomes(bundle, npu)
    assert found["coverage"].outcome == "fail" and "its SHA-256 differs" in found["coverage"].detail
    assert found["parity"].outcome == found["ranking"].outcome == "unchecked"
    # Where the digests fit, too, the emulator says so.
    found = outcomes(bundle, reseal(npu))
    assert found["parity"].outcome == found["ranking"].outcome == "fail"


@needs_npu
def test_the_file_of_another_system_fails(files, npu_built):
    bundle, npu = files
    put(npu, npu_built / "work" / "tiny" / "quantize-base" / MODEL, soc="SM8650")
    found = outcomes(bundle, npu)
    assert found["coverage"].outcome == "fail" and "SM8650, Hexagon 75" in found["coverage"].detail


@needs_npu
def test_another_hexagon_than_the_contexts_fails(files):
    bundle, npu = files
    row = {SOC: {**json.loads((npu / "npu.json").read_text())["files"][SOC], "hexagon": 75}}
    assert outcomes(bundle, reseal(npu, files=row))["coverage"].outcome == "fail"


@needs_npu
def test_the_context_of_another_model_fails(files, tmp_path):
    bundle, npu = files
    make_recipe(make_data(tmp_path), make_bert(tmp_path / "other", seed=1))
    for verb in ("convert", "quantize"):
        assert cli(verb, "tiny.toml", "--source", "base", cwd=tmp_path).returncode == 0
    put(npu, tmp_path / "work" / "tiny" / "quantize-base" / MODEL)
    found = outcomes(bundle, npu)
    assert found["coverage"].outcome == "pass"
    assert found["parity"].outcome == "fail" and "least cosine" in found["parity"].detail
    assert found["ranking"].outcome == "fail"


@needs_npu
def test_files_of_another_bundle_fail(files):
    bundle, npu = files
    found = outcomes(bundle, reseal(npu, model="b" * 64))
    assert found["coverage"].outcome == "fail" and "another embedder.tflite" in found["coverage"].detail
    assert found["parity"].outcome == "unchecked"
    assert "the bundle is 'tiny'" in outcomes(bundle, reseal(npu, name="other"))["coverage"].detail
    found = outcomes(bundle, reseal(npu, name="tiny", version="9.9"))
    assert "of 'tiny' 9.9, and the bundle is 'tiny' 0.1" in found["coverage"].detail


@needs_npu
def test_a_partition_left_on_the_cpu_fails(files, npu_built):
    # The rewritten model as it goes into the compiler: nothing of it is compiled.
    bundle, npu = files
    source = npu_built / "work" / "tiny" / "quantize-base" / MODEL
    rewrite(source, npu / f"{SOC}.tflite", read_spec(npu).lengths)
    found = outcomes(bundle, reseal(npu))
    assert found["coverage"].outcome == "fail" and "operations left to the CPU" in found["coverage"].detail


@needs_npu
def test_a_model_whose_activations_leave_float16_fails(files, npu_built, tmp_path):
    # The same vectors in float32, from embeddings 2^15 times as large: what scaling undoes (export/half).
    bundle, npu = files
    put(npu, enlarged(npu_built / "work" / "tiny" / "convert-base" / MODEL, tmp_path / MODEL, 15))
    found = outcomes(bundle, npu)
    assert found["coverage"].outcome == "pass"
    assert found["parity"].outcome == "fail" and found["ranking"].outcome == "fail"


def text(question, tokens):
    ids = list(range(tokens))
    return Text(question=question, prompted="", ids=ids, twin="", shipped="")


def test_every_length_gets_texts_of_its_own_and_questions_come_first():
    short = [text(f"q{n}", 10) for n in range(20)]
    golden = Golden(
        model_id="x", texts=[text(None, 9), *short, text("long", 30), text(None, 31), text("far", 99)]
    )
    asked = plan(golden, [16, 32])
    assert len([1 for _, length in asked if length == 16]) == 20 < npu_files.MOST
    assert all(one.question for one, length in asked if length == 16)
    assert [(len(one.ids), length) for one, length in asked if length == 32] == [(30, 32), (31, 32)]
    # Where nothing is longer than the shorter length, the same texts go through both.
    assert len(plan(Golden(model_id="x", texts=short), [16, 32])) == 20 + npu_files.FURTHER
    # Few questions are joined by passages.
    passages = [text(None, 9) for _ in range(30)]
    assert len(plan(Golden(model_id="x", texts=[*short[:3], *passages]), [16])) == npu_files.LEAST


@needs_npu
def test_too_few_texts_prove_nothing(npu_built, monkeypatch):
    monkeypatch.setattr(npu_gates, "LEAST", 100)
    found = outcomes(npu_built / "out" / "tiny", npu_built / "out" / "tiny.npu")
    assert found["parity"].outcome == found["ranking"].outcome == "unchecked"


@needs_npu
def test_without_the_emulator_nothing_passes(npu_built, monkeypatch):
    monkeypatch.setattr(npu_gates, "obstacle", lambda: "onnx is not installed")
    found = outcomes(npu_built / "out" / "tiny", npu_built / "out" / "tiny.npu")
    assert found["coverage"].outcome == "pass"
    assert found["parity"].outcome == "unchecked" and "not emulated: onnx" in found["parity"].detail


@needs_npu
def test_what_the_emulator_does_instead_is_an_error_of_its_own(files):
    _, npu = files
    with pytest.raises(EmulatorError, match="refused it"):
        emulate(npu / f"{SOC}.tflite", [[1] * 99])
