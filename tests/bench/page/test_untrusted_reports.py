"""What is missing, broken or hostile in a report is said, and nothing of it takes effect."""

import re

import pytest
from pocketrag.bench.report import html, label_reports

from pocketrag.formats.bundle_report import Report
from tests.bench.page.full_report import bare, full
from tests.bench.page.shown import page, planted, table


def test_no_text_of_a_report_becomes_markup():
    found = page(planted(full()), planted(full("2")))
    assert found.problems == [] and "an't be read" not in found.text
    assert found.text.count("<script>alert(1)</script>") > 100 and "49" not in {
        text for text in found.texts if "7 * 7" in text
    }
    assert "&lt;script&gt;" in found.source and "<script" not in found.source.lower()


@pytest.mark.parametrize("reports", [(bare(),), (full(),), (full(), full("1.1.0"), full("1.2.0"))])
def test_the_page_fetches_nothing_and_is_well_formed(reports):
    found = page(*reports)
    assert found.problems == []
    assert len(found.ids) == len(set(found.ids)) and set(found.anchors) <= set(found.ids)
    assert "default-src 'none'" in found.source and not re.search(
        r"https?://(?!www\.w3\.org/2000/svg)", found.source
    )


def test_the_page_can_be_read_without_seeing_it():
    found = page(full(), full("1.1.0"))
    assert found.source.count('role="img"') == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", found.source)) > 10
    headers = [attributes for tag, attributes in found.tags if tag == "th"]
    assert headers and all(one.get("scope") in ("row", "col") for one in headers)
    assert ("html", {"lang": "en"}) in found.tags and found.source.count("<h1>") == 1
    boxes = [attributes for _, attributes in found.tags if attributes.get("class") == "scroll"]
    assert len(boxes) == found.source.count("<table") and all(
        one["tabindex"] == "0" and one["aria-label"] for one in boxes
    )


@pytest.mark.parametrize(
    ("section", "value", "where"),
    [
        ("latency", {"runs": "fast"}, "latency.runs"),
        (
            "latency",
            {"runs": [{"lengths": {"32": {"median_ms": 1e300}}}]},
            "latency.runs.0.lengths.32.median_ms",
        ),
        ("latency", {"runs": [{"lengths": {"0": {}}}]}, "latency.runs.0.lengths.0"),
        ("parity", {"cosine": 1}, "parity.cosine"),
        ("prediction", {"rows": [{}]}, "prediction.rows.0.device"),
        ("devices", {"x": {"threads": "all"}}, "devices.x.threads"),
        ("verdict", {"ships": 3}, "verdict.ships"),
        ("questions", {"mode": "dense"}, "questions.n"),
        ("stages", {"tune": {"history": 3}}, "tune.history"),
        ("stages", {"index": {"passages": "many"}}, "index.passages"),
        ("quality", {"base": {"modes": []}}, "quality.base.modes"),
        ("answers", {"file": 3}, "answers.file"),
        ("verify", {"exit": "x"}, "verify.exit"),
        ("build", {"environment": 1}, "build.environment"),
    ],
)
def test_a_section_that_cannot_be_read_leaves_the_rest(section, value, where):
    found = page({**full(), section: value})
    assert f"Can't be read, `{where}" in found.text and ["embedder.tflite", "23.8"] in table(
        found, "Files of the bundle"
    )


def thin(value):
    """The same, with one element of each list and one length of each table: a place of every kind."""
    if isinstance(value, dict):
        numbered = [key for key in value if key.isdigit()]
        return {key: thin(one) for key, one in value.items() if key not in numbered[1:]}
    return (
        [thin(one) for one in value[:1]]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
    )


def places(value, path=()):
    yield path
    for key, one in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(one, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(
    "new", [None, "x", -1, 0, 1e300, 10**400, [], {}, {"x": {}}], ids=lambda new: repr(new)[:9]
)
def test_whatever_stands_in_a_place_is_shown_or_named(new):
    whole = thin(full())
    for path in places(whole):
        try:
            found = Report.model_validate(replaced(whole, path, new))
        except ValueError:  # the whole file is refused, with the key's name
            assert len(path) < 3, path
            continue
        assert "</footer>" in html(label_reports([found])), path


def test_a_report_of_another_version_is_shown_as_far_as_it_goes():
    one = full()
    del one["latency"]["runs"][0]["memory_mb"], one["parity"]["padding"], one["quality"]["base"]["mrr@10"]
    one["latency"]["more"] = one["verify"]["more"] = {"of": "a later version"}
    found = page(one)
    assert "an't be read" not in found.text and "Resident memory" in found.source
