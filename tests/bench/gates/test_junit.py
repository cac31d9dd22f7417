"""JUnit XML by the rules of the two schemas in use: Ant's JUnit.xsd (windyroad/JUnit-Schema) and Jenkins's junit-10.xsd (xunit-plugin)."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.bench.gates.junit import junit

from pocketrag.formats.facts.verify import VerifyFacts
from tests.verbs import environment

#: Element -> (children in their order, attributes that must be there, attributes that may be), where both schemas agree;
#: Jenkins's `message` of a skipped test is the one thing that Ant's leaves open (any content). Ant's requires `time`, too: see junit.py.
RULES = {
    "testsuites": (["testsuite"], set(), set()),
    "testsuite": (["properties", "testcase", "system-out", "system-err"],
                  {"name", "hostname", "tests", "failures", "errors", "package", "id"}, {"timestamp", "skipped"}),
    "properties": (["property"], set(), set()),
    "property": ([], {"name", "value"}, set()),
    "testcase": (["skipped", "error", "failure"], {"name", "classname"}, set()),
    "skipped": ([], set(), {"message"}),
    "failure": ([], {"type"}, {"message"}),
    "system-out": ([], set(), set()),
    "system-err": ([], set(), set()),
}  # fmt: skip
ONCE = {"properties", "system-out", "system-err"}


def gate(name="parity", outcome="pass", detail="fine", value=None, limit=None):
    return {"gate": name, "outcome": outcome, "detail": detail, "value": value, "limit": limit}


def facts(*gates, exit_=0):
    found = {"bundle": "android_assets/demo", "for": "release", "exit": exit_, "gates": list(gates)}
    return VerifyFacts.model_validate(found)


def check(element):
    children, required, allowed = RULES[element.tag]
    assert required <= set(element.attrib) <= required | allowed, element.tag
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    assert all(len(element.findall(name)) == 1 for name in ONCE & set(children))
    if element.tag == "testcase":
        assert len(element) <= 1
    for name in {"tests", "failures", "errors", "skipped", "id"} & set(element.attrib):
        assert re.fullmatch(r"\d+", element.get(name))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", element.get("timestamp", "2026-01-01T00:00:00"))
    assert element.get("name", "x")
    for child in element:
        check(child)


def read(text):
    root = ElementTree.fromstring(text.encode())
    check(root)
    return root


def test_each_outcome_has_its_element_and_the_counts_are_theirs():
    outcomes = ["pass", "fail", "unchecked", "skipped"]
    root = read(
        junit(facts(*(gate(f"g{n}", outcome) for n, outcome in enumerate(outcomes)), exit_=1), environment())
    )
    suite = root.find("testsuite")
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["4", "1", "0", "2"]
    found = [[child.tag for child in case] for case in suite.findall("testcase")]
    assert found == [[], ["failure"], ["skipped"], ["skipped"]]


def test_a_failure_says_what_was_measured_and_a_skipped_gate_why():
    root = read(
        junit(
            facts(
                gate("size", "fail", "MB of it", 131.5, 130), gate("device_parity", "unchecked", "no phone")
            )
        )
    )
    assert (
        root.find(".//failure").get("message") == "131.5 (limit 130) MB of it"
        and root.find(".//failure").text == "MB of it"
    )
    assert root.find(".//skipped").get("message") == "no phone"


def test_properties_hold_environment_purpose_and_exit_code_and_no_host():
    here = environment()
    found = {
        p.get("name"): p.get("value") for p in read(junit(facts(gate(), exit_=4), here)).iter("property")
    }
    assert (
        found["exit"] == "4"
        and found["for"] == "release"
        and found["versions.numpy"] == here["versions"]["numpy"]
    )
    assert found["machine.cores"] == str(here["machine"]["cores"]) and "None" not in found.values()


def test_no_gates_is_an_empty_suite():
    assert read(junit(facts())).find("testsuite").get("tests") == "0"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "]]>", "\"&'", "a\x00b\x1b[31m", "\ud800", "é王\U0001f642", "a\nb"]
)
def test_any_text_is_written_and_read_back(text):
    root = read(junit(facts(gate(text, "fail", text), gate("x", "unchecked", text))))
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", text)
    assert root.find(".//failure").text == clean and root.find(".//testcase").get("name") == clean


@given(
    st.text(), st.sampled_from(["pass", "fail", "unchecked", "skipped"]), st.floats(-1e15, 1e15) | st.none()
)
def test_whatever_a_gate_says_the_file_is_valid(detail, outcome, value):
    read(junit(facts(gate("g", outcome, detail, value, value))))
