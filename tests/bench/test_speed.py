"""Timing as people call it; no figure is asserted, machines are noisy."""

import subprocess
import sys

import pytest


def timed(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pocketrag.bench.speed", *map(str, arguments)], capture_output=True, text=True
    )


def test_two_signatures_in_one_run(tiny_bundle):
    file = tiny_bundle / "embedder.tflite"
    done = timed(f"{file}@embed_16", file, "--repeats", 3)
    assert done.returncode == 0, done.stderr
    first, second = (line.split() for line in done.stdout.splitlines()[2:4])
    assert first[0] == "tiny/embedder.tflite@embed_16" and first[1] == "3" and first[4:] == ["1.0000"] * 3
    assert float(second[4]) > 0 and float(second[5]) <= float(second[4]) <= float(second[6])
    assert "Accelerator" not in done.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("embedder.tflite@embed_17", "has no signature 'embed_17', only embed_16"),
        ("manifest.json", "can't open"),
    ],
)
def test_bad_input(tiny_bundle, name, message):
    done = timed(tiny_bundle / name)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
