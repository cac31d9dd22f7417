"""The parts of an update that must agree with Python's to the last bit: patches, and the order of versions."""

import base64
import itertools
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketrag.formats.identity import VERSION
from pocketrag.formats.update.version_order import version_order
from tests.conftest import ROOT
from tests.gradle_bundle import delta_maker, jvm

pytestmark = pytest.mark.usefixtures("kotlin")

CASES = json.loads((ROOT / "tests" / "pocketrag" / "formats" / "update" / "version_order.json").read_text())[
    "cases"
]


def pack(data):
    return base64.b64encode(data).decode()


@st.composite
def patches(draw):
    """An old file, and triples that wander over it."""
    old = draw(st.binary(min_size=1, max_size=300))
    rows, place = [], 0
    for start, length in draw(st.lists(st.tuples(st.integers(0, len(old)), st.integers(0, 300)), max_size=8)):
        rows.append([0, draw(st.integers(0, 60)), start - place])
        rows.append([add := min(length, len(old) - start), draw(st.integers(0, 60)), 0])
        place = start + add
    differences = bytearray(sum(add for add, _, _ in rows))
    for at in (
        draw(st.lists(st.integers(0, max(0, len(differences) - 1)), max_size=40)) if differences else []
    ):
        differences[at] = draw(st.integers(0, 255))
    extra = draw(st.binary(min_size=(n := sum(copy for _, copy, _ in rows)), max_size=n))
    return old, rows, bytes(differences), extra


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(patches(), min_size=60, max_size=80))
def test_patches(cases):
    large = bytes(range(256)) * 1000
    cases.append(
        (large, [(200_000, 0, -190_000), (70_000, 5, 3)], b"\0" * 199_999 + b"\1" + b"\0" * 70_000, b"extra")
    )
    given_ = [
        [pack(old), *map(pack, delta_maker.write_patch(rows, differences, extra))]
        for old, rows, differences, extra in cases
    ]
    (found,) = jvm.run(("patched", {"cases": given_}))
    assert found == [pack(delta_maker.applied(*case)) for case in cases]


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ((b"\x80", b"", b""), "ends early"), ((b"\x01\x00", b"", b""), "is missing"), ((b"\x00\x05\x00", b"", b"abc"), "a part ends early"),
        ((b"\x00\x01\x00", b"", b"ab"), "behind the patch"), ((b"\x01\x00\x00", b"\x00\x02ab", b""), "behind the patch"),
        ((b"\x02\x00\x00", b"\x00\x02a", b""), "a part ends early"), ((b"\x03\x00\x00", b"", b""), "out of the old file"),
        ((b"\x00\x00\x01\x01\x00\x00", b"", b""), "out of the old file"), ((b"\x01\x00\x00", b"\x00\x00", b""), "a run of differences without any"),
        ((b"\xff" * 10, b"", b""), "too many bytes"),
        (((b"\x00\x00\xfe" + b"\xff" * 7 + b"\x7f") * 3, b"", b""), "leads out of all files"),
    ],
)  # fmt: skip
def test_patches_that_are_none(parts, what):
    (found,) = jvm.run(("patched", {"cases": [[pack(b"ab"), *map(pack, parts)]]}))
    assert found[0].startswith("DAMAGED: ") and what in found[0]


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.from_regex(re.compile(VERSION, re.ASCII), fullmatch=True), min_size=30, max_size=30))
def test_versions_are_ordered_as_on_the_desktop(versions):
    pairs = [[case["old"], case["new"]] for case in CASES] + list(itertools.combinations(versions, 2))
    (found,) = jvm.run(("versions", {"pairs": pairs}))
    orders = [[version_order(one) for one in pair] for pair in pairs]
    assert found == [(old > new) - (old < new) for old, new in orders]
    assert [way < 0 for way in found[: len(CASES)]] == [case["newer"] for case in CASES]
