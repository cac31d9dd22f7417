"""Hosted devices through LiteRT-CLI, by recorded output: what is read, what is refused, and that nothing passes by it."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.manifest import read_manifest
from tests.bench.phone.scripted_litert import DEVICE, calls, install
from tests.conftest import cli
from tests.verbs import latency


@pytest.fixture
def hosted(tiny_bundle, tmp_path, monkeypatch):
    def measured(device=DEVICE, **scenario):
        root = install(tmp_path, monkeypatch, **scenario)
        facts = latency(str(tiny_bundle), device=device)
        return facts, facts["devices"][device], root

    return measured


def test_each_length_is_a_session_of_its_own(hosted, tiny_bundle):
    facts, device, root = hosted()
    asked = calls(root)
    assert len(asked) == 2 and all(
        line[:2] == ["benchmark", str(tiny_bundle / "embedder.tflite")] for line in asked
    )
    assert all({"--ddp", "--cpu", "--device=caiman-35", "--num-runs=50"} <= set(line) for line in asked)
    assert [line[5] for line in asked] == ["--signature-key=embed_16", "--signature-key=embed_32"]
    # The measured process is read: neither the one that packed the weights nor another program's lines.
    for row in device["latency_ms"].values():
        assert (row["runs"], row["avg"], row["median"], row["p95"]) == (1054, 0.9471, 0.942, 0.991)
    assert device["memory_mb"] == {"16": 7.4, "32": 7.4} and device["weights_shared"]
    assert device["mean_ms"] == 0.9471 and device["source"] == "ddp" and device["trouble"] is None
    wanted = read_manifest(tiny_bundle).files["embedder.tflite"].sha256
    assert device["model_sha256"] == wanted and device["benchmark_model"]["sha256"].startswith("f3729eaf")
    assert facts["exit"] == 4


def test_what_it_can_not_tell_is_null_and_no_gate_passes(hosted):
    facts, device, _ = hosted()
    assert device["threads"] is device["throttled"] is device["parity"] is None
    assert {gate["outcome"] for gate in facts["gates"]} == {"unchecked"}
    parity, times, memory = (gate["detail"] for gate in facts["gates"])
    assert "gives a hosted device no texts" in parity
    assert "0.95 ms" in times and "an unknown number of threads" in times
    assert all("neither its threads nor whether it is a real phone" in one for one in (times, memory))


def test_it_is_kept_beside_the_bundle_and_marked_on_the_page(hosted, tiny_bundle):
    hosted()
    report = json.loads(tiny_bundle.with_name("tiny.report.json").read_text())
    assert report["devices"][DEVICE]["source"] == "ddp"
    assert cli("report", tiny_bundle).returncode == 0
    page = tiny_bundle.with_name("tiny.report.html").read_text()
    assert f"{DEVICE}, hosted" in page and "whether on a real phone is not told" in page


def test_an_older_command_line_leaves_no_record(hosted):
    _, device, _ = hosted(record=None)
    assert device["latency_ms"]["16"]["runs"] == 1054 and device["trouble"] is None
    assert device["model_sha256"] is None and not device["weights_shared"]


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"prints": "litert_ddp_failed.txt"}, "ended with 1"),
        ({"prints": "litert_help.txt"}, "ended with 0"),
        ({"sha256": "0" * 64}, "arrived damaged"),
        ({"length": "64"}, "embed_64 ran in place of embed_16"),
        ({"logcat": None}, "holds no benchmark_model"),
    ],
)
def test_what_goes_wrong_there_is_unchecked(hosted, scenario, words):
    facts, device, root = hosted(**scenario)
    assert words in device["trouble"] and len(calls(root)) == 1
    assert {gate["outcome"] for gate in facts["gates"]} == {"unchecked"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"device": "ddp:"}, "the id of one hosted device"),
        ({"device": "ddp:a,b"}, "the id of one hosted device"),
        ({"benchmark_binary": "x"}, "brings its own"),
        ({"accelerator": "gpu"}, "can't hold a hosted device to that"),
    ],
)
def test_what_can_not_be_asked_is_refused(tiny_bundle, tmp_path, monkeypatch, options, words):
    root = install(tmp_path, monkeypatch)
    with pytest.raises(InputError, match=words):
        latency(str(tiny_bundle), **{"device": DEVICE, **options})
    assert not calls(root)


def test_what_is_missing_is_refused_before_the_bundle_is_read(tmp_path, monkeypatch):
    root = install(tmp_path, monkeypatch, help="no such target")
    with pytest.raises(InputError, match="knows no --ddp"):
        latency("none", device=DEVICE)
    monkeypatch.delenv("LITERT_GCP_PROJECT")
    with pytest.raises(InputError, match="set LITERT_GCP_PROJECT"):
        latency("none", device=DEVICE)
    for name in ("gcloud", "litert"):
        (root / name).unlink()
        monkeypatch.setenv("PATH", str(root))
        with pytest.raises(InputError, match=f"needs `{name}` on the PATH"):
            latency("none", device=DEVICE)
