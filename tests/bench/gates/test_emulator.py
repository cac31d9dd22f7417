"""The emulator's gates. Their logic runs against a stand-in; the last tests run the real arm64 LiteRT where it was set up."""

import json

import numpy as np
import pytest
from pocketrag.bench.emulator.contents import find_root
from pocketrag.bench.emulator.cores import CORES
from pocketrag.bench.gates import emulator as emulator_gates
from pocketrag.bench.gates import limits
from pocketrag.bench.gates.examined import Examined
from pocketrag.bench.gates.run import measure
from pocketrag.bench.gates.table import of_family

from pocketrag.errors import InputError
from pocketrag.formats.golden import pack, read_golden, unpack
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import edit_json, plant_nan
from tests.bench.emulator.fakes import fake_root

EMULATOR = of_family("emulator")


def judged(bundle):
    examined = Examined(bundle)
    outcomes, facts = measure("emulator", examined), examined.emulated.facts.as_json()
    assert [o.gate for o in outcomes] == list(EMULATOR)
    json.dumps(facts, allow_nan=False)
    return {o.gate: o for o in outcomes}, facts


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))


def test_a_whole_bundle_passes(home, tiny_bundle):
    fake_root()
    found, facts = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"pass"}
    assert [row["cpu"] for row in facts["cpus"]] == [core.name for core in CORES]
    assert [row["decides"] for row in facts["cpus"]] == [True, False, False, False]
    first = facts["cpus"][0]
    assert (
        first["n"] == len(read_golden(tiny_bundle / "golden.json").texts)
        and first["runtime"] == "CompiledModel"
    )
    assert first["mean"] == first["least"] == first["overlap"] == 1 and first["problem"] is None
    versions = read_manifest(tiny_bundle).tools["ai-edge-litert"]
    assert facts["export_litert"] == versions and f"(export: {versions})" in found["emulator_parity"].detail


def test_every_length_is_run_and_no_time_is_reported(home, tiny_bundle):
    manifest, golden = read_manifest(tiny_bundle), read_golden(tiny_bundle / "golden.json")
    asked = emulator_gates.plan(golden, manifest.embedder, CORES[0])
    assert asked.texts == tuple(golden.texts) and {len(ids) for ids in asked.jobs} == set(
        manifest.embedder.lengths
    )
    assert len(asked.again) >= emulator_gates.THROUGH_ALL
    assert len(emulator_gates.plan(golden, manifest.embedder, CORES[1]).jobs) == min(
        emulator_gates.INFORMING, len(golden.texts)
    )
    fake_root()
    (keys,) = {tuple(row) for row in judged(tiny_bundle)[1]["cpus"]}
    cosines = {"mean", "least", "twin_mean", "twin_least", "lengths_least"}
    assert set(keys) == cosines | {
        "cpu",
        "decides",
        "kernels",
        "litert",
        "runtime",
        "n",
        "overlap",
        "questions",
        "problem",
    }


def test_no_root_is_unchecked_and_says_what_to_do(home, tiny_bundle):
    found, facts = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"unchecked"} and facts["cpus"] == []
    assert "python -m pocketrag.bench.emulator.setup`" in found["emulator_parity"].detail


def test_a_root_of_another_litert_is_not_taken(home, tiny_bundle):
    fake_root(litert="2.1.6")
    assert judged(tiny_bundle)[0]["emulator_parity"].outcome == "unchecked"
    edit_json(tiny_bundle / "manifest.json", lambda m: m["tools"].update({"ai-edge-litert": "2.1.6"}))
    assert judged(tiny_bundle)[0]["emulator_parity"].outcome == "pass"
    edit_json(
        tiny_bundle / "manifest.json", lambda m: m["tools"].update({"ai-edge-litert": "2.1.6; --index-url x"})
    )
    assert "not a version" in judged(tiny_bundle)[0]["emulator_parity"].detail


@pytest.mark.parametrize(("signal", "name"), [("SEGV", "SIGSEGV"), ("KILL", "SIGKILL")])
def test_a_crash_of_the_emulator_is_unchecked(home, tiny_bundle, signal, name):
    fake_root(f"kill -{signal} $$\n")
    found, facts = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"unchecked"} and name in found["emulator_parity"].detail
    assert all(name in row["problem"] for row in facts["cpus"])


@pytest.mark.parametrize("core", CORES[1:], ids=lambda core: core.folder)
def test_a_core_that_only_informs_fails_nothing(home, tiny_bundle, core):
    last = "half" if core.half else "npy"
    fake_root(f'[ "$4" = "{core.cpu}" ] && case "$*" in *{last}) kill -SEGV $$;; esac\n')
    found, facts = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"pass"}
    assert (
        f"{core.name} informs: the emulated process was ended by SIGSEGV" in found["emulator_parity"].detail
    )
    assert [bool(row["problem"]) for row in facts["cpus"]] == [c == core for c in CORES]


def test_nan_in_the_weights_fails(home, tiny_bundle):
    plant_nan(tiny_bundle, everywhere=True)
    fake_root()
    found, facts = judged(tiny_bundle)
    assert {name: found[name].outcome for name in EMULATOR} == dict.fromkeys(EMULATOR, "fail") and facts[
        "cpus"
    ][0]["least"] == -1


def test_vectors_of_another_model_fail(home, tiny_bundle):
    rng, dims = np.random.default_rng(0), read_manifest(tiny_bundle).embedder.dims
    edit_json(
        tiny_bundle / "golden.json",
        lambda g: [t.update(shipped=pack(rng.normal(size=dims))) for t in g["texts"]],
    )
    fake_root()
    found, _ = judged(tiny_bundle)
    assert found["emulator_parity"].outcome == "fail" and found["emulator_twin"].outcome == "pass"


def test_one_wrong_text_is_not_hidden_by_the_mean(home, tiny_bundle):
    dims = read_manifest(tiny_bundle).embedder.dims

    def turn(golden):
        vector = unpack(golden["texts"][3]["shipped"], dims).copy()
        noise = np.random.default_rng(0).normal(size=dims).astype(np.float32)
        noise -= vector * (noise @ vector)
        golden["texts"][3]["shipped"] = pack(
            0.985 * vector + np.sqrt(1 - 0.985**2) * noise / np.linalg.norm(noise)
        )

    edit_json(tiny_bundle / "golden.json", turn)
    fake_root()
    found, facts = judged(tiny_bundle)
    assert facts["cpus"][0]["mean"] > limits.ELSEWHERE.mean and found["emulator_parity"].outcome == "fail"
    assert found["emulator_parity"].value == pytest.approx(0.985, abs=1e-4)


def test_other_rankings_fail(home, tiny_bundle):
    edit_json(
        tiny_bundle / "golden.json",
        lambda g: [t["top"].update(dense=["x"] * 10) for t in g["texts"] if t["question"]],
    )
    fake_root()
    assert judged(tiny_bundle)[0]["emulator_ranking"].outcome == "fail"


def test_a_damaged_model_fails(home, tiny_bundle):
    (tiny_bundle / "embedder.tflite").write_bytes(b"TFL3" * 100)
    fake_root()
    found, _ = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"fail"} and "can't open" in found["emulator_parity"].detail


def test_golden_texts_that_fit_no_length_fail(home, tiny_bundle):
    edit_json(tiny_bundle / "golden.json", lambda g: g["texts"][0].update(ids=[1] * 1000))
    fake_root()
    assert "more than 32 tokens" in judged(tiny_bundle)[0]["emulator_parity"].detail
    edit_json(tiny_bundle / "golden.json", lambda g: g.update(texts=[]))
    assert judged(tiny_bundle)[0]["emulator_parity"].outcome == "fail"


@pytest.fixture
def emulator(tiny_bundle):
    """The real thing."""
    try:
        return find_root(read_manifest(tiny_bundle).tools["ai-edge-litert"])
    except InputError as error:
        pytest.skip(str(error))


def test_the_real_emulator_passes_a_whole_bundle(emulator, tiny_bundle):
    found, facts = judged(tiny_bundle)
    assert {o.outcome for o in found.values()} == {"pass"}, found
    assert emulator.facts["machine"] == "aarch64" and facts["cpus"][0]["runtime"] == "CompiledModel"
    assert facts["cpus"][0]["litert"] == facts["export_litert"]


def test_the_real_emulator_catches_nan_in_the_weights(emulator, tiny_bundle, monkeypatch):
    monkeypatch.setattr(emulator_gates, "CORES", CORES[:1])
    plant_nan(tiny_bundle, everywhere=True)
    assert judged(tiny_bundle)[0]["emulator_parity"].outcome == "fail"
