"""`pocketrag report`: one page, from any reports."""

import json

import pytest

from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.bundle_report import record, report_file
from tests.bench.page.full_report import full, write
from tests.bench.page.parse import Page
from tests.verbs import report


def test_half_a_character_is_written_all_the_same(tmp_path):
    write(tmp_path / "a.report.json", {**full(), "name": "\ud800"})
    assert report([str(tmp_path / "a.report.json")])["reports"][0]["report"] == "? 1.0.0"


def test_a_bundle_and_the_page_beside_it(tiny_bundle, capsys):
    record(
        tiny_bundle, "verify", {"for": "build", "exit": 0, "gates": full(device_parity="unchecked")["gates"]}
    )
    assert main(["report", str(tiny_bundle)]) == 0
    out = tiny_bundle.with_name("tiny.report.html")
    assert str(out) in capsys.readouterr().out and "tiny 0.1" in Page(out.read_text("utf-8")).text


def test_several_targets_and_json(tmp_path, capsys):
    files = [str(write(tmp_path / f"{n}.json", full(f"1.{n}"))) for n in range(3)]
    assert main(["report", *files, "--out", str(tmp_path / "all.html"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["report"] for row in told["reports"]] == ["demo 1.0", "demo 1.1", "demo 1.2"]
    assert (
        told["bytes"] == (tmp_path / "all.html").stat().st_size
        and told["reports"][0]["verdict"] == "May ship"
    )


def test_the_same_reports_give_the_same_page(tmp_path):
    files = [str(write(tmp_path / f"{n}.json", full(f"1.{n}"))) for n in range(2)]
    pages = []
    for order in (files, files[::-1]):
        report(order, out=str(tmp_path / "page.html"))
        pages.append((tmp_path / "page.html").read_text())
    assert pages[0] == pages[1]


def test_bad_targets_are_named(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match=r"no report lies beside it.*pocketrag verify .*tiny"):
        report([str(tiny_bundle)])
    with pytest.raises(InputError, match="no such file"):
        report([str(tmp_path / "none")])
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="not a bundle"):
        report([str(tmp_path / "folder")])
    for name, text, message in (
        ("a", "{", "not JSON"),
        ("b", "[]", "not a report"),
        ("c", '{"schema": 9, "model_id": "x"}', "newer"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=f"{name}: .*{message}"):
            report([str(tmp_path / name)])


def test_a_report_of_another_build_is_refused(tiny_bundle):
    record(tiny_bundle, "verify", {"gates": []})
    (tiny_bundle / "manifest.json").write_text((tiny_bundle / "manifest.json").read_text() + " ")
    with pytest.raises(InputError, match="another build"):
        report([str(tiny_bundle)])


def test_the_same_report_twice_is_refused(tiny_bundle):
    record(tiny_bundle, "verify", {"gates": []})
    with pytest.raises(InputError, match="the same report as"):
        report([str(tiny_bundle), str(report_file(tiny_bundle))])


def test_an_out_that_cannot_be_is_refused_and_no_report_is_overwritten(tmp_path):
    file = write(tmp_path / "a.json", full())
    before = file.read_text()
    for out, message in (
        (tmp_path / "none" / "x.html", "does not exist"),
        (tmp_path, "is a folder"),
        (file, "one of the reports"),
    ):
        with pytest.raises(InputError, match=message):
            report([str(file)], out=str(out))
    assert file.read_text() == before and [path.name for path in tmp_path.iterdir()] == ["a.json"]
