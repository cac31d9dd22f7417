"""Results that others send in: the documented command makes them, and what is none or of another model is refused."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from pocketrag.errors import InputError
from tests.bench.phone.scripted_adb import install
from tests.conftest import cli
from tests.verbs import latency

DOCS = Path(__file__).parents[3] / "docs" / "device.md"


@pytest.fixture
def made(tiny_bundle, tmp_path, monkeypatch):
    """What the command of docs/device.md gives on a scripted phone, for the lengths of the tiny bundle."""
    binary = install(tmp_path, monkeypatch, one_phone=True)
    model = tmp_path / "android_assets" / "demo" / "embedder.tflite"
    model.parent.mkdir(parents=True)
    model.write_bytes((tiny_bundle / "embedder.tflite").read_bytes())
    (block,) = re.findall(r"```sh\n(adb push .*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert binary.name in block and "32 64 128 256" in block
    subprocess.run(["sh", "-c", block.replace("32 64 128 256", "16 32")], cwd=tmp_path, check=True)
    return tmp_path / "pixel-8.txt"


def taken(bundle, file):
    facts = latency(str(bundle), results=[str(file)])
    (device,) = facts["devices"].values()
    return {gate["gate"]: gate for gate in facts["gates"]}, device, facts["exit"]


def test_the_documented_command_makes_a_file_that_is_taken_in(made, tiny_bundle):
    gates, device, code = taken(tiny_bundle, made)
    assert device["source"] == "sent" and device["serial"].startswith("sent:") and device["threads"] == 4
    assert (device["phone"]["model"], device["phone"]["soc"]) == ("Pixel 8", "Tensor G3")
    assert set(device["latency_ms"]) == {"16", "32"} and device["mean_ms"] > 0
    assert device["throttled"] is device["parity"] is device["trouble"] is None
    assert len(device["model_sha256"]) == len(device["benchmark_model"]["sha256"]) == 64
    assert gates["device_memory"]["outcome"] == "pass" and gates["device_parity"]["outcome"] == "unchecked"
    assert gates["device_latency"]["outcome"] in ("pass", "fail")
    assert code == (gates["device_latency"]["outcome"] == "fail")
    assert all("sent in by others and not measured by us" in gate["detail"] for gate in gates.values())


def test_it_is_in_the_report_and_marked_there_and_no_gate_of_it(made, tiny_bundle):
    assert cli("latency", tiny_bundle, "--results", made).returncode in (0, 1)
    report = json.loads(tiny_bundle.with_name("tiny.report.json").read_text())
    ((key, row),) = report["devices"].items()
    assert key == row["serial"] and not report.get("gates")
    assert cli("report", tiny_bundle).returncode == 0
    page = tiny_bundle.with_name("tiny.report.html").read_text()
    assert "Google Pixel 8, sent in" in page and "nobody here measured it" in page


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"^[0-9a-f]{64}  embedder.*\n", "", "no SHA-256 of the model"),
        (r"^\[ro.product.model\].*\n", "", "does not say which phone"),
        (r"Num threads: \[4\]", "Num threads: [2]", "with 2 threads, not 4"),
        (r"^\[ro.hardware\]: .*", "[ro.hardware]: [ranchu]", "an Android emulator"),
    ],
)
def test_what_is_not_sure_to_be_this_model_on_a_phone_passes_no_gate(made, tiny_bundle, pattern, text, words):
    changed, count = re.subn(pattern, text, made.read_text(), flags=re.MULTILINE)
    assert count
    made.write_text(changed)
    gates, _, code = taken(tiny_bundle, made)
    assert {gate["outcome"] for gate in gates.values()} == {"unchecked"} and code == 0
    assert words in gates["device_latency"]["detail"]


def test_a_length_that_is_not_there_leaves_the_gates_unchecked(made, tiny_bundle):
    text = made.read_text()
    made.write_text(text[: text.rindex("INFO: STARTING!")])
    gates, device, _ = taken(tiny_bundle, made)
    assert device["trouble"] == "the file holds no run of embed_32" and device["mean_ms"] is None
    assert {gate["outcome"] for gate in gates.values()} == {"unchecked"}


def test_powershell_writes_utf_16(made, tiny_bundle):
    made.write_bytes(made.read_text().encode("utf-16"))
    assert set(taken(tiny_bundle, made)[1]["latency_ms"]) == {"16", "32"}


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"(?s)\A.*\Z", "Hello\n", r"pixel-8\.txt:1: no output of LiteRT's benchmark_model"),
        (r"[0-9a-f]{64}  embedder", "0" * 64 + "  embedder", r"pixel-8\.txt:\d+: of another model: SHA-256"),
        (
            r"size \(MB\): \S+",
            "size (MB): 77.7",
            r"pixel-8\.txt:\d+: of another model: its file has 77\.7 MB",
        ),
        (r"\[embed_32\]", "[embed_512]", r"pixel-8\.txt:\d+: of another model: embed_512 ran"),
        (r"\[embed_32\]", "[embed_16]", r"pixel-8\.txt:\d+: embed_16 is there twice"),
        (r"\[embed_32\]", "[]", r"pixel-8\.txt:\d+: does not say which signature"),
        (r"count=", "cnt=", r"pixel-8\.txt:\d+: embed_16: benchmark_model printed no timings"),
        (r"(?s)Num threads: \[4\](.*)Num threads: \[4\]", r"Num threads: [4]\1Num threads: [1]", "1 threads"),
        (r"INFO: Loaded", "INFO: Use gpu: [1]\nINFO: Loaded", "of the CPU alone"),
    ],
)
def test_what_is_none_or_of_another_model_is_refused_with_its_line(made, tiny_bundle, pattern, text, words):
    changed, count = re.subn(pattern, text, made.read_text())
    assert count
    made.write_text(changed)
    with pytest.raises(InputError, match=words):
        latency(str(tiny_bundle), results=[str(made)])
    assert not tiny_bundle.with_name("tiny.report.json").exists()


def test_a_file_is_there_and_given_once(made, tiny_bundle, tmp_path):
    copy = tmp_path / "copy.txt"
    copy.write_bytes(made.read_bytes())
    with pytest.raises(InputError, match=r"copy\.txt: holds the same as .*pixel-8\.txt"):
        latency(str(tiny_bundle), results=[str(made), str(copy)])
    with pytest.raises(InputError, match=r"none\.txt: no such file"):
        latency(str(tiny_bundle), results=["none.txt"])
