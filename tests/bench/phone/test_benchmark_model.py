"""The command line of LiteRT's benchmark_model, and what it prints, by its real logs and helps."""

import pytest
from pocketrag.bench.phone.adb import DeviceError
from pocketrag.bench.phone.benchmark_model import (
    ONCE,
    PACK,
    TIMED,
    Job,
    abilities,
    check_binary,
    command,
    complaint,
    memory,
    timing,
)

from pocketrag.errors import InputError
from tests.bench.phone.scripted_adb import ARM64, transcript

JOB = Job("/d/m.tflite", 32, 4, "/d/0-32.ids", "/d/0-32.vec", "/d/packed.cache", ONCE)


def test_abilities_are_read_from_the_help():
    whole, old, compiled = (
        abilities(transcript(f"benchmark_help_{name}.txt")) for name in ("interpreter", "old", "compiled")
    )
    assert (whole.runtime, whole.signatures, whole.files, whole.cache) == ("Interpreter", True, True, True)
    assert (old.runtime, old.signatures, old.files, old.cache) == ("Interpreter", False, True, False)
    assert (compiled.runtime, compiled.signatures, compiled.files, compiled.cache) == (
        "CompiledModel",
        True,
        False,
        True,
    )
    with pytest.raises(DeviceError, match=r"lists no --graph.*Permission denied"):
        abilities("sh: ./x: Permission denied")


def test_a_command_line_has_no_flag_that_the_program_does_not_know():
    for name in ("interpreter", "old", "compiled"):
        able = abilities(transcript(f"benchmark_help_{name}.txt"))
        cached = JOB if able.cache else Job(*list(vars(JOB).values())[:5], "", ONCE)
        line = command("/d/benchmark_model", cached, able)
        assert {word[2:].partition("=")[0] for word in line[1:]} <= able.flags
    for pace in (TIMED, ONCE, PACK):
        assert {word[2:].partition("=")[0] for word in pace} <= abilities(
            transcript("benchmark_help_interpreter.txt")
        ).flags


def test_the_whole_command_line():
    line = command("/d/benchmark_model", JOB, abilities(transcript("benchmark_help_interpreter.txt")))
    assert line == [
        "/d/benchmark_model",
        "--graph=/d/m.tflite",
        "--num_threads=4",
        *ONCE,
        "--signature_to_run_for=embed_32",
        "--input_layer=ids",
        "--input_layer_shape=1,32",
        "--input_layer_value_files=ids:/d/0-32.ids",
        "--output_filepath=/d/0-32.vec",
        "--xnnpack_weight_cache_file_path=/d/packed.cache",
        "--use_xnnpack=true",
    ]


@pytest.mark.parametrize(
    ("log", "runs", "avg", "least", "most", "std", "percentiles", "init", "megabytes"),
    [
        ("interpreter", 25, 145.528, 140.071, 195.121, 13.583, (140.545, 141.253, 187.533), 92.318, 73.4102),
        ("old", 50, 249.684, 247.067, 254.474, 1.442, (None, None, None), 16.242, 138.809),
        ("once", 50, 2950.34, 2727.568, 3189.954, 109.798, (None, None, None), 17.187, 46.0859),
        ("compiled", 1054, 0.947132, 0.910, 1.102, 0.023, (0.915, 0.942, 0.991), 5.76, 7.07),
    ],
)
def test_real_logs_are_read(log, runs, avg, least, most, std, percentiles, init, megabytes):
    found = timing(transcript(f"log_{log}.txt"))
    assert (found.runs, found.avg, found.min, found.max, found.std) == pytest.approx(
        (runs, avg, least, most, std)
    )
    assert (found.p5, found.median, found.p95) == percentiles and found.init == pytest.approx(init)
    assert memory(transcript(f"log_{log}.txt")) == pytest.approx(megabytes * 1.048576)


def test_runs_that_all_took_the_same():
    found = timing("INFO: count=3 curr=1500(all same)")
    assert (found.runs, found.avg, found.min, found.max, found.std, found.median) == (
        3,
        1.5,
        1.5,
        1.5,
        0.0,
        None,
    )


@pytest.mark.parametrize("printed", ["", "count=0", "count=5 nothing", "INFO: count=50 first=1 curr=1 min=1"])
def test_a_log_without_timings_is_an_error(printed):
    with pytest.raises(DeviceError, match="timings"):
        timing(printed)


def test_no_memory_is_no_zero():
    assert memory("INFO: count=3 curr=1500") is None


def test_the_complaint_is_the_first_error():
    assert complaint(transcript("log_unknown_op.txt")).startswith(
        "ERROR: Didn't find op for builtin opcode 'FULLY_CONNECTED'"
    )
    assert complaint("one\ntwo\n") == "two" and complaint("") == "it printed nothing"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("none", None, "no such file"),
        ("x86", ARM64[:18] + (62).to_bytes(2, "little") + ARM64[20:], "not a program for 64-bit ARM"),
        (
            "arm",
            ARM64[:4] + b"\x01" + ARM64[5:18] + (40).to_bytes(2, "little"),
            "not a program for 64-bit ARM",
        ),
        ("text", b"<html>not found</html>", "not a program for 64-bit ARM"),
        ("empty", b"", "not a program for 64-bit ARM"),
        ("app.apk", b"PK\x03\x04" + bytes(30), "without `.apk`"),
    ],
)
def test_a_wrong_binary_is_refused_before_anything_is_pushed(tmp_path, name, data, words):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=words) as error:
        check_binary(tmp_path / name)
    assert "android_aarch64_benchmark_model" in str(error.value)


def test_no_binary_says_where_it_comes_from(tmp_path):
    with pytest.raises(InputError, match=r"--benchmark-binary PATH.*developers\.google\.com"):
        check_binary(None)
    (tmp_path / "right").write_bytes(ARM64)
    assert check_binary(tmp_path / "right") == tmp_path / "right"
