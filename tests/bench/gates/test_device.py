"""The device gates on scripted phones: the pushed model really runs, and each thing that can go wrong is an honest outcome."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from pocketrag.bench.gates.examined import Examined, Means
from pocketrag.bench.gates.run import measure
from pocketrag.bench.gates.table import of_family
from pocketrag.bench.page.read_report import Sections
from pocketrag.bench.phone.adb import Adb
from pocketrag.bench.phone.measure import FOLDER
from pocketrag.bench.phone.phone_run import shares

from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.bundle_report import read_report
from pocketrag.formats.golden import Golden, read_golden
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import corrupt_attention
from tests.bench.phone.scripted_adb import SECOND, SERIAL, device, install, log
from tests.conftest import cli

PARITY, LATENCY, MEMORY = DEVICE = of_family("device")
#: How often benchmark_model runs before the golden texts: help, packing, two lengths, two thread counts, once more.
PACKING, FIRST, TEXT = 1, 2, 7


#: An Interpreter's benchmark_model that has GPU and what keeps it in float32.
WITH_GPU = {"help": "benchmark_help_interpreter_gpu.txt", "accelerator": "gpu"}


def gates(bundle, manifest, golden, serial, binary, adb=None, accelerator="cpu"):
    means = Means(device=serial, binary=binary and str(binary), accelerator=accelerator)
    examined = Examined(bundle, means, adb)
    examined.manifest, examined.golden = manifest, golden
    return measure("device", examined), {"devices": [one.as_json() for one in examined.phones.facts]}


@pytest.fixture
def phone(tiny_bundle, tmp_path, monkeypatch):
    """Measure the tiny bundle, with four of its golden texts, in a scenario."""

    def measured(serial=SERIAL, patience=1.0, limits=None, damage=None, accelerator="cpu", **scenario):
        binary = install(tmp_path, monkeypatch, **scenario)
        manifest, golden = read_manifest(tiny_bundle), some(read_golden(tiny_bundle / "golden.json"))
        manifest = manifest.model_copy(
            update={"limits": manifest.limits.model_copy(update=limits or {"latency_ms": 10_000.0})}
        )
        if damage:
            damage(tiny_bundle)
        found, facts = gates(
            tiny_bundle, manifest, golden, serial, binary, Adb(patience=patience), accelerator
        )
        assert json.dumps(facts, allow_nan=False)
        return found, facts["devices"]

    return measured


def some(golden: Golden) -> Golden:
    asked, others = ([t for t in golden.texts if bool(t.question) == want] for want in (True, False))
    return golden.model_copy(update={"texts": [*asked[:2], others[0], others[-1]]})


def outcomes(found):
    return {one.gate: one.outcome for one in found}


def said(found, gate):
    return next(one.detail for one in found if one.gate == gate)


def test_a_whole_bundle_passes_on_a_phone(phone):
    found, (facts,) = phone()
    assert [one.gate for one in found] == list(DEVICE) and {one.outcome for one in found} == {"pass"}
    assert all(one.detail.startswith(f"Google Pixel 8 ({SERIAL}): ") for one in found)
    parity, latency, memory = found
    assert parity.value >= parity.limit == 0.997 and "4 golden texts" in parity.detail
    assert (
        0 < latency.value <= latency.limit and "4 threads" in latency.detail and "embed_16" in latency.detail
    )
    assert 0 < memory.value < memory.limit == 200.0 and "one packed copy" in memory.detail
    assert (facts["phone"]["soc"], facts["phone"]["android"], facts["phone"]["memory_mb"]) == (
        "Tensor G3",
        "14",
        7773,
    )
    assert facts["phone"]["kernel"].startswith("5.15") and facts["phone"]["build"].startswith("google/shiba")
    assert facts["phone"]["cores"]["allowed"] == "0-8" and facts["phone"]["cores"]["max_mhz"]["8"] == 2914
    assert facts["before"] == {
        "thermal_status": 0, "battery_celsius": 29.1, "battery_percent": 76, "battery": "charging", "plugged": ["USB"],
    }  # fmt: skip
    assert (
        set(facts["latency_ms"]) == {"16", "32"}
        and set(facts["fewer_threads"]) == {"1", "2"}
        and facts["trouble"] is None
    )
    assert (
        facts["benchmark_model"]["runtime"] == "Interpreter" and len(facts["benchmark_model"]["sha256"]) == 64
    )


def test_nothing_stays_on_the_phone(phone):
    phone()
    assert list(device(SERIAL).iterdir()) == []
    targets = [call[-1] for call in log() if "push" in call]
    assert targets and set(targets) == {f"{FOLDER}/"}


def test_the_latency_is_the_mean_over_the_lengths_of_real_questions(phone, tiny_bundle):
    _, (facts,) = phone()
    golden = some(read_golden(tiny_bundle / "golden.json"))
    assert shares(golden, (16, 32)) == {16: 1.0}  # the passages' lengths don't count
    assert facts["mean_ms"] == pytest.approx(facts["latency_ms"]["16"]["avg"], abs=1e-3)
    longer = golden.texts[0].model_copy(update={"ids": [1] * 20})
    mixed = golden.model_copy(update={"texts": [longer, *golden.texts]})
    assert shares(mixed, (16, 32)) == pytest.approx({16: 2 / 3, 32: 1 / 3})


def test_a_damaged_model_is_caught_on_the_phone(phone):
    found, (facts,) = phone(damage=corrupt_attention)
    assert outcomes(found)[PARITY] == "fail" and outcomes(found)[LATENCY] == "pass"
    assert facts["parity"]["least"] < 0.999 and "least cosine" in said(found, PARITY)


@pytest.mark.parametrize("output", ["nan", "short"])
def test_vectors_that_are_none_fail(phone, output):
    found, _ = phone(output=output)
    assert outcomes(found)[PARITY] == "fail" and "4 with NaN or another size" in said(found, PARITY)


def test_too_slow_and_too_large_fail(phone):
    found, _ = phone(limits={"latency_ms": 1e-4, "memory_megabytes": 1e-3})
    assert outcomes(found) == {PARITY: "pass", LATENCY: "fail", MEMORY: "fail"}
    assert found[1].limit == 1e-4 and found[1].value > 1e-4


def test_a_phone_that_throttled_is_said_to_have(phone):
    hot = ["thermal_0.txt", "thermal_3.txt"]
    found, (facts,) = phone(thermal=hot)
    assert outcomes(found)[LATENCY] == "pass" and facts["throttled"] and facts["after"]["thermal_status"] == 3
    assert "throttled (thermal status 0 (none) before, 3 (severe) after" in said(found, LATENCY)


def test_a_failure_on_a_hot_phone_says_to_let_it_cool(phone):
    found, _ = phone(thermal=["thermal_3.txt"], limits={"latency_ms": 1e-4})
    assert outcomes(found)[LATENCY] == "fail" and "let it cool and measure again" in said(found, LATENCY)


def test_slower_at_the_end_is_throttled_even_before_android_10(phone):
    found, (facts,) = phone(thermal=[], slow=[TEXT - 1, 0.05])
    assert facts["before"]["thermal_status"] is None and facts["throttled"]
    assert "times slower at the end (throttled, or other work ran)" in said(found, LATENCY)


def test_killed_for_memory_fails_that_gate_alone(phone):
    found, (facts,) = phone(killed_at=FIRST)
    assert outcomes(found) == {PARITY: "unchecked", LATENCY: "unchecked", MEMORY: "fail"}
    assert "SIGKILL" in said(found, MEMORY) and "low-memory killer" in facts["trouble"]
    assert list(device(SERIAL).iterdir()) == []


def test_what_was_measured_before_the_trouble_counts(phone):
    found, _ = phone(fails_at=TEXT + 1)
    assert outcomes(found) == {PARITY: "fail", LATENCY: "pass", MEMORY: "pass"}
    assert "ended with 1" in said(found, PARITY) and "Failed to apply XNNPACK" in said(found, PARITY)


def test_a_model_that_does_not_run_fails(phone):
    assert outcomes(phone(fails_at=FIRST)[0]) == {PARITY: "fail", LATENCY: "unchecked", MEMORY: "unchecked"}


def test_a_binary_older_than_the_model_says_nothing_about_it(phone):
    found, _ = phone(fails_at=PACKING, log="log_unknown_op.txt")
    assert set(outcomes(found).values()) == {"unchecked"} and "older than the model's operations" in said(
        found, PARITY
    )


def test_a_time_out_is_unchecked_and_ends_what_still_runs(phone, tmp_path):
    found, _ = phone(patience=0.02, hangs_at=FIRST)
    assert set(outcomes(found).values()) == {"unchecked"} and "no answer to `adb shell` within" in said(
        found, LATENCY
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "scripted" / "pid").read_text()), 0)


def test_a_cable_pulled_half_way_is_unchecked_and_says_what_is_left(phone):
    found, _ = phone(gone_at=FIRST + 1)
    assert set(outcomes(found).values()) == {"unchecked"} and "Look at the cable" in said(found, LATENCY)
    assert all(f"{FOLDER} could not be removed" in one.detail for one in found)


def test_what_a_broken_run_left_goes_first(phone, tmp_path):
    left = tmp_path / "scripted" / "phones" / SERIAL / Path(FOLDER).name
    left.mkdir(parents=True)
    (left / "packed.cache").write_bytes(b"of another model")
    found, _ = phone()
    assert {one.outcome for one in found} == {"pass"} and not left.exists()


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"push": "error_no_space.txt"}, "no space is left"),
        ({"push": "error_denied.txt"}, "refuses files"),
        ({"shell": "error_unauthorized.txt"}, "Allow USB debugging"),
        ({"shell": "error_offline.txt"}, "does not answer"),
        ({"getprop": "getprop_32_bit.txt"}, "its ABI is armeabi-v7a,armeabi"),
        ({"torn": True}, "arrived damaged"),
        ({"pull": "error_gone.txt"}, "the connection broke"),
        ({"writes": False}, "a file is not there that was expected"),
    ],
)
def test_what_goes_wrong_on_a_phone_is_unchecked(phone, scenario, words):
    found, (facts,) = phone(**scenario)
    assert (
        outcomes(found)[PARITY] == "unchecked" and words in said(found, PARITY) and words in facts["trouble"]
    )
    assert "fail" not in outcomes(found).values() and all(SERIAL in one.detail for one in found)


@pytest.mark.parametrize(
    ("serial", "words"),
    [("0123456789ABCDEF", "Allow USB debugging"), ("deadbeef", "offline"), (SECOND, "udev")],
)
def test_a_named_device_that_is_not_ready_is_unchecked(phone, serial, words):
    found, _ = phone(serial=serial, devices="devices_states.txt")
    assert set(outcomes(found).values()) == {"unchecked"} and all(
        words in one.detail and serial in one.detail for one in found
    )


def test_all_devices_are_judged_each_for_itself(phone):
    old = {SERIAL: "getprop_pixel_8.txt", SECOND: "getprop_32_bit.txt"}
    found, facts = phone(serial="all", devices="devices_two.txt", getprop=old)
    assert [one.gate for one in found] == [*DEVICE, *DEVICE]
    assert {one.outcome for one in found[:3]} == {"pass"} and {one.outcome for one in found[3:]} == {
        "unchecked"
    }
    assert all(SECOND in one.detail for one in found[3:]) and [one["serial"] for one in facts] == [
        SERIAL,
        SECOND,
    ]


def test_an_emulator_is_no_phone(phone):
    found, _ = phone(getprop="getprop_emulator.txt")
    assert set(outcomes(found).values()) == {"unchecked"} and all(
        "an Android emulator" in one.detail for one in found
    )
    assert outcomes(phone(getprop="getprop_emulator.txt", output="nan")[0])[PARITY] == "fail"


def test_compiled_models_tool_shows_no_parity(phone):
    found, (facts,) = phone(help="benchmark_help_compiled.txt")
    assert outcomes(found) == {PARITY: "unchecked", LATENCY: "pass", MEMORY: "pass"}
    assert "takes no input files" in said(found, PARITY) and "CompiledModel" in said(found, MEMORY)
    assert facts["benchmark_model"]["input_files"] is False


def test_a_tool_without_signatures_shows_only_the_longest_length(phone):
    found, (facts,) = phone(help="benchmark_help_old.txt")
    assert outcomes(found) == {PARITY: "unchecked", LATENCY: "pass", MEMORY: "pass"} and set(
        facts["latency_ms"]
    ) == {"32"}
    assert "knows no signatures" in said(found, PARITY) and "weights packed anew" in said(found, MEMORY)
    # Too slow at the longest length does not tell what the shorter ones take.
    found, _ = phone(help="benchmark_help_old.txt", limits={"latency_ms": 1e-4})
    assert outcomes(found)[LATENCY] == "unchecked" and "does not tell" in said(found, LATENCY)
    assert outcomes(phone(help="benchmark_help_old.txt", damage=corrupt_attention)[0])[PARITY] == "fail"


def test_a_cache_that_was_not_written_is_not_used(phone):
    found, (facts,) = phone(cache=False)
    assert not facts["weights_shared"] and "weights packed anew" in said(found, MEMORY)
    assert not any("weight_cache" in call[-1] and "--num_runs" in call[-1] for call in log())


def test_a_gpu_is_asked_for_the_whole_model_in_float32(phone):
    found, (facts,) = phone(**WITH_GPU)
    assert outcomes(found) == {PARITY: "pass", LATENCY: "pass", MEMORY: "unchecked"}
    assert all(one.detail.startswith(f"Google Pixel 8 ({SERIAL}), GPU: ") for one in found)
    assert "what the GPU's driver holds is not counted" in said(found, MEMORY)
    assert facts["accelerator"] == "gpu" and not facts["weights_shared"]
    lines = [call[-1] for call in log() if "--graph" in call[-1]]
    asked = "--use_gpu=true --gpu_precision_loss_allowed=false --require_full_delegation=true"
    assert lines and all(asked in line and "xnnpack" not in line for line in lines)


@pytest.mark.parametrize(
    ("accelerator", "asked", "memory"),
    [
        ("cpu-fp16", "--xnnpack_force_fp16=true", "pass"),
        (
            "gpu-fp16",
            "--use_gpu=true --gpu_precision_loss_allowed=true --require_full_delegation=true",
            "unchecked",
        ),
    ],
)
def test_float16_is_asked_for_by_name(phone, accelerator, asked, memory):
    found, (facts,) = phone(**{**WITH_GPU, "accelerator": accelerator})
    assert outcomes(found) == {PARITY: "pass", LATENCY: "pass", MEMORY: memory}
    assert all(one.detail.startswith(f"Google Pixel 8 ({SERIAL}), {accelerator.upper()}: ") for one in found)
    assert facts["accelerator"] == accelerator
    lines = [call[-1] for call in log() if "--graph" in call[-1]]
    assert lines and all(asked in line for line in lines)


def test_wrong_vectors_of_a_gpu_fail(phone):
    assert outcomes(phone(**WITH_GPU, output="nan")[0])[PARITY] == "fail"


@pytest.mark.parametrize(
    ("accelerator", "usage", "words"),
    [
        ("gpu", "benchmark_help_old.txt", "can't be told to run the whole model on the GPU in float32"),
        ("gpu", "benchmark_help_compiled.txt", "can't be told to run the whole model on the GPU in float32"),
        ("cpu-fp16", "benchmark_help_compiled.txt", "can't be told to compute in float16"),
        ("gpu-fp16", "benchmark_help_old.txt", "can't be told to run the whole model on the GPU in float16"),
        ("npu", "benchmark_help_compiled.txt", "an NPU's libraries come with an app"),
    ],
)
def test_what_can_not_be_asked_of_a_benchmark_model_is_unchecked(phone, accelerator, usage, words):
    found, (facts,) = phone(help=usage, accelerator=accelerator)
    assert {one.outcome for one in found} == {"unchecked"} and all(words in one.detail for one in found)
    assert not facts["latency_ms"] and not any("--graph" in call[-1] for call in log())


def test_an_accelerator_is_a_phones(tiny_bundle):
    with pytest.raises(InputError, match="--accelerator gpu: is a phone's"):
        Means(accelerator="gpu")
    done = cli("latency", tiny_bundle, "--accelerator", "gpu")
    assert done.returncode == 2 and "--accelerator gpu" in done.stderr


def test_the_rows_of_cpu_and_gpu_stand_side_by_side(tiny_bundle, tmp_path, monkeypatch):
    binary = install(tmp_path, monkeypatch, help=WITH_GPU["help"])
    given = ("--device", SERIAL, "--benchmark-binary", binary, "--json")
    for accelerator in ("cpu", "gpu"):
        cli("latency", tiny_bundle, *given, "--accelerator", accelerator, env={"OMP_NUM_THREADS": "1"})
    read = Sections(read_report(tiny_bundle.with_name(f"{tiny_bundle.name}.report.json")))
    assert {key: one.name for key, one in read.devices.items()} == {
        SERIAL: "Google Pixel 8",
        f"{SERIAL} gpu": "Google Pixel 8, GPU",
    }


def test_an_old_adbd_gives_the_same(phone):
    assert {one.outcome for one in phone(old_adbd=True)[0]} == {"pass"}


def test_usage_errors_are_no_outcomes(tiny_bundle, tmp_path, monkeypatch):
    binary = install(tmp_path, monkeypatch, devices="devices_none.txt")
    manifest, golden = read_manifest(tiny_bundle), read_golden(tiny_bundle / "golden.json")
    for serial, program, words in (
        (SERIAL, None, "--benchmark-binary PATH"),
        ("all", binary, "no device is attached"),
    ):
        with pytest.raises(InputError, match=words):
            gates(tiny_bundle, manifest, golden, serial, program)
    assert not any("push" in call for call in log())


@pytest.mark.parametrize("verb", ["verify", "latency"])
@pytest.mark.parametrize(
    ("scenario", "given", "words"),
    [
        ({}, ("--device", SERIAL), "--device needs --benchmark-binary PATH"),
        ({}, ("--device", SERIAL, "--benchmark-binary", "none"), "--benchmark-binary none: no such file"),
        ({}, ("--device", SERIAL, "--benchmark-binary", __file__), "not a program for 64-bit ARM"),
        ({}, ("--device", "X1", "--benchmark-binary"), "--device X1: no such device"),
        ({"devices": "devices_none.txt"}, ("--device", "all", "--benchmark-binary"), "no device is attached"),
    ],
)
def test_what_no_phone_can_be_measured_with_is_refused_before_the_bundle_is_read(
    tmp_path, monkeypatch, capsys, verb, scenario, given, words
):
    binary = install(tmp_path, monkeypatch, **scenario)
    line = [verb, "no-bundle", *given, *([str(binary)] if given[-1] == "--benchmark-binary" else [])]
    assert main(line) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert words in said and "no-bundle" not in said


@pytest.mark.parametrize("verb", ["verify", "latency"])
def test_a_missing_adb_is_refused_before_the_bundle_is_read(tmp_path, monkeypatch, capsys, verb):
    binary = install(tmp_path, monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([verb, "no-bundle", "--device", SERIAL, "--benchmark-binary", str(binary)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "adb: not found on the PATH" in said and "apt-get install adb" in said and "no-bundle" not in said


def test_ids_arrive_padded_to_the_right(phone, tmp_path, monkeypatch):
    kept = {}
    real = Adb.push

    def keep(self, serial, files, folder):
        kept.update(
            {file.name: np.frombuffer(file.read_bytes(), "<i4") for file in files if file.suffix == ".ids"}
        )
        real(self, serial, files, folder)

    monkeypatch.setattr(Adb, "push", keep)
    phone(fails_at=PACKING)
    assert {len(ids) for ids in kept.values()} == {16, 32}
    for name, ids in kept.items():
        used = np.flatnonzero(ids)[-1] + 1
        assert not ids[used:].any() and name.endswith(f"-{len(ids)}.ids")


@pytest.mark.parametrize("verb", ["verify", "latency"])
def test_the_command_measures_a_phone_and_its_report_is_readable(tiny_bundle, tmp_path, monkeypatch, verb):
    binary = install(tmp_path, monkeypatch)
    done = cli(
        verb,
        tiny_bundle,
        "--device",
        SERIAL,
        "--benchmark-binary",
        binary,
        "--json",
        env={"OMP_NUM_THREADS": "1"},
    )
    found = {gate["gate"]: gate for gate in json.loads(done.stdout)["gates"]}
    assert found[PARITY]["outcome"] == found[MEMORY]["outcome"] == "pass", done.stderr
    assert done.returncode == (found[LATENCY]["outcome"] == "fail")  # a busy machine may take more than 15 ms
    read = Sections(read_report(tiny_bundle.with_name(f"{tiny_bundle.name}.report.json")))
    measured = read.devices[SERIAL]
    assert (
        measured.name == "Google Pixel 8" and measured.parity.n == 48 and set(measured.latency_ms) == {16, 32}
    )
    assert not read.broken("devices")
