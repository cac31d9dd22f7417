import getpass
import json
import os
import platform
import re
import socket
import subprocess
from pathlib import Path

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.bundle_report import read_report, record, report_file
from pocketrag.formats.files import sha256
from tests.verbs import environment

GATE = {"gate": "digests", "outcome": "fail", "detail": "corpus.db: missing", "value": None, "limit": None}


def content(bundle: Path) -> dict:
    return json.loads(report_file(bundle).read_text("utf-8"))


def test_a_report_begins_with_what_the_manifest_says(tiny_bundle):
    file = record(tiny_bundle, "latency", {"noisy": False})
    assert file == tiny_bundle.with_name("tiny.report.json")
    found, manifest = read_report(file), json.loads((tiny_bundle / "manifest.json").read_text())
    assert (found.name, found.version, found.model_id) == ("tiny", "0.1", manifest["model_id"])
    assert found.manifest_sha256 == sha256(tiny_bundle / "manifest.json")
    assert (
        found.files == {path.name: path.stat().st_size for path in tiny_bundle.iterdir()}
        and sum(found.files.values()) == found.bytes
    )
    assert found.verdict["ships"] == "base" and found.latency["noisy"] is False
    assert found.quality["shipped"]["n"] == 140 and found.quality["shipped"]["modes"]["bm25"]


def test_what_build_wrote_stays_beside_what_is_measured_later(tiny_built, tiny_bundle):
    report_file(tiny_bundle).write_text((tiny_built / "out" / "tiny.report.json").read_text())
    built = content(tiny_bundle)
    assert (
        built["schema"] == 1
        and built["build"]["seconds"] > 0
        and built["build"]["environment"]["versions"]["python"]
    )
    assert built["verify"]["gates"] == built["gates"] and built["quality"]["shipped"]["n"] == 140
    record(tiny_bundle, "verify", {"gates": [GATE], "exit": 1})
    assert (
        content(tiny_bundle)["quality"] == built["quality"]
        and content(tiny_bundle)["build"] == built["build"]
    )
    assert content(tiny_bundle)["gates"] == content(tiny_bundle)["verify"]["gates"] == [GATE]


def test_a_section_is_replaced_and_devices_are_added(tiny_bundle):
    record(tiny_bundle, "latency", {"noisy": True, "old": 1})
    record(tiny_bundle, "latency", {"noisy": False})
    for serial in ("a", "b", "a"):
        record(tiny_bundle, "devices", {serial: {"model": f"phone {serial}"}})
    found = content(tiny_bundle)
    assert set(found["latency"]) == {"noisy", "environment"}
    assert {key: value["model"] for key, value in found["devices"].items()} == {
        "a": "phone a",
        "b": "phone b",
    }
    assert all(value["environment"]["machine"]["cores"] for value in found["devices"].values())


def test_a_report_of_another_manifest_is_not_mixed_with(tiny_bundle):
    record(tiny_bundle, "latency", {"noisy": True})
    manifest = tiny_bundle / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": "0.1"', '"version": "0.2"'))
    record(tiny_bundle, "parity", {"n": 3})
    found = content(tiny_bundle)
    assert "latency" not in found and found["version"] == "0.2" and found["parity"]["n"] == 3


def test_a_bundle_whose_manifest_cannot_be_read_still_gets_its_evidence(tiny_bundle):
    (tiny_bundle / "manifest.json").write_text("nonsense")
    assert read_report(record(tiny_bundle, "verify", {"gates": [GATE]})).version == "unknown"
    (tiny_bundle / "manifest.json").unlink()
    assert read_report(record(tiny_bundle, "verify", {"gates": [GATE]})).manifest_sha256 is None


def test_no_folder_user_or_host_of_this_machine_goes_along(tiny_bundle):
    inner = f"{tiny_bundle}/corpus.db: damaged, see https://ai.google.dev/gemma/terms and a/b"
    record(
        tiny_bundle,
        "verify",
        {
            "bundle": str(tiny_bundle),
            "gates": [{**GATE, "detail": inner}],
            "else": ["/opt/big models/x/y.tflite"],
        },
    )
    found = content(tiny_bundle)
    assert found["verify"]["bundle"] == "tiny"
    assert (
        found["gates"][0]["detail"]
        == "tiny/corpus.db: damaged, see https://ai.google.dev/gemma/terms and a/b"
    )
    text = report_file(tiny_bundle).read_text()
    words = {
        str(tiny_bundle.parent),
        str(Path.home()) + os.sep,
        f'"{getpass.getuser()}"',
        f'"{platform.node()}"',
        f'"{socket.gethostname()}"',
    }
    assert not [word for word in words if word in text] and not re.search(r'"/', text)


def test_nan_is_no_number_in_a_report(tiny_bundle):
    record(tiny_bundle, "parity", {"cosine": {"mean": float("nan"), "least": 0.5}})
    assert content(tiny_bundle)["parity"]["cosine"] == {"mean": None, "least": 0.5}


def test_a_folder_that_cannot_be_written_is_said(tiny_bundle, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pocketrag.formats.files.write_atomic", full)
    record(tiny_bundle, "latency", {"noisy": False})
    assert (
        "No space left on device; what was measured is not kept" in capsys.readouterr().err
        and not report_file(tiny_bundle).exists()
    )


def test_a_report_of_a_newer_schema_is_left_alone_and_a_broken_one_written_anew(tiny_bundle, capsys):
    file = report_file(tiny_bundle)
    file.write_text(json.dumps({"schema": 2, "model_id": "x"}))
    record(tiny_bundle, "latency", {"noisy": False})
    assert json.loads(file.read_text())["schema"] == 2 and "left alone" in capsys.readouterr().err
    file.write_text("{")
    record(tiny_bundle, "latency", {"noisy": False})
    assert read_report(file).latency and "written anew" in capsys.readouterr().err


def test_a_stage_stays_as_it_was_made(tiny_built):
    inner = tiny_built / "work" / "tiny" / "bundle" / "tiny"
    record(inner, "latency", {"noisy": False})
    assert not report_file(inner).exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("{", "not JSON"),
        ("[1]", "not a report"),
        ('{"name": "x"}', "not a report"),
        ('{"model_id": "x"}', "schema None.*verify BUNDLE"),
        ('{"model_id": "x", "schema": 2}', "schema 2.*newer pocketrag"),
        ('{"model_id": "x", "schema": 1}', "`name`: Field required"),
        ('{"model_id": "x", "schema": 1, "name": "n", "version": "1", "base_model": "b", "manifest_sha256": null, "devices": 3}', "`devices`"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_named(tmp_path, text, message):
    file = tmp_path / "x.report.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=f"x.report.json.*{message}"):
        read_report(file)


def test_an_unknown_section_is_a_mistake(tiny_bundle):
    with pytest.raises(ValueError, match="no section"):
        record(tiny_bundle, "wishes", {})


def test_the_environment_names_the_commit_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert environment()["commit"] is None and environment()["dirty"] is None
    for command in (["init", "-q"], ["config", "user.email", "a@b.c"], ["config", "user.name", "a"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "a").write_text("1")
    subprocess.run(["git", "add", "a"], check=True)
    subprocess.run(["git", "commit", "-qm", "a"], check=True)
    assert re.fullmatch("[0-9a-f]{40}", environment()["commit"]) and environment()["dirty"] is False
    (tmp_path / "a").write_text("2")
    assert environment()["dirty"] is True
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment()["commit"] is None


def test_report_file_of_any_spelling(tmp_path, monkeypatch):
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path / "demo")
    assert report_file(Path()) == tmp_path / "demo.report.json" == report_file(tmp_path / "demo")
