"""Which version is newer, by the cases that Kotlin reads too."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats.identity import VERSION
from pocketrag.formats.update.version_order import is_newer, version_order

CASES = json.loads((Path(__file__).parent / "version_order.json").read_text("utf-8"))["cases"]
VERSIONS = st.from_regex(re.compile(VERSION, re.ASCII), fullmatch=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['old']} {case['new']}")
def test_which_version_is_newer(case):
    assert re.fullmatch(VERSION, case["old"]) and re.fullmatch(VERSION, case["new"])
    assert is_newer(case["new"], case["old"]) is case["newer"]


@given(VERSIONS, VERSIONS, VERSIONS)
def test_it_is_an_order(a, b, c):
    assert not (is_newer(a, b) and is_newer(b, a)) and not is_newer(a, a)
    assert is_newer(a, b) or is_newer(b, a) or version_order(a) == version_order(b)
    assert not (is_newer(a, b) and is_newer(b, c)) or is_newer(a, c)
