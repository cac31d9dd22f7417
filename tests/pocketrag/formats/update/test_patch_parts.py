"""Patches: what was found between two files gives the second one again, and damaged parts give an error."""

import io

import bsdiff4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats.update.patch_parts import (
    Differences,
    PatchError,
    Triple,
    decode_control,
    encode_control,
    encode_differences,
    patched,
)
from pocketrag.versions.updates import make_patch as maker


@st.composite
def edited(draw):
    """Bytes, and the same after some changes, insertions and removals."""
    old = bytearray(draw(st.binary(max_size=400)) * draw(st.integers(1, 4)))
    new = bytearray(old)
    for _ in range(draw(st.integers(0, 5))):
        at, length = draw(st.integers(0, len(new))), draw(st.integers(0, 30))
        new[at : at + length] = draw(st.binary(max_size=30))
    return bytes(old), bytes(new)


def applied(old, parts):
    return b"".join(patched(io.BytesIO(old), len(old), *(io.BytesIO(part).read for part in parts)))


def made(folder, old, new):
    for name, data in (("old", old), ("new", new)):
        (folder / name).write_bytes(data)
    return maker.make_patch(folder / "old", folder / "new")


@given(edited(), st.sampled_from([7, 64, 1 << 20]), st.sampled_from([0, 5, 1 << 20]))
def test_a_patch_gives_the_new_file(tmp_path_factory, pair, window, margin):
    """In windows of any size; and bsdiff4's own patch gives the same."""
    old, new = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maker, "WINDOW", window)
        patch.setattr(maker, "MARGIN", margin)
        parts = made(tmp_path_factory.mktemp("patch"), old, new)
    assert applied(old, parts) == new == bsdiff4.patch(old, bsdiff4.diff(old, new))


def test_what_did_not_change_costs_next_to_nothing(tmp_path):
    old = np.random.default_rng(0).bytes(300_000)
    new = old[:100_000] + b"what is new" + old[100_003:]
    assert sum(map(len, made(tmp_path, old, new))) < 60
    assert list(map(len, made(tmp_path, old, old))) == [5, 0, 0]
    assert made(tmp_path, old, new) == made(tmp_path, old, new)


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(0, 2**40))))
def test_control_comes_back(rows):
    triples = [Triple(*row) for row in rows]
    back = list(decode_control(io.BytesIO(encode_control(triples)).read))
    # The first begins at 0, so an empty one may lead to it.
    assert back == triples or back == [Triple(0, 0, 0), *triples]


@given(st.lists(st.integers(0, 3).map(lambda n: n // 3 * 5), max_size=200), st.integers(1, 50))
def test_differences_come_back(values, step):
    data = np.array(values, np.uint8)
    reader = Differences(io.BytesIO(encode_differences(data)).read)
    back = np.concatenate([np.zeros(0, np.uint8), *(reader.take(step) for _ in range(0, len(data), step))])
    assert np.array_equal(back[: len(data)], data) and not back[len(data) :].any()


#: Control, differences, extra; of an old file of ten bytes.
DAMAGED = {
    "within a triple": (b"\x05\x00", b"", b""),
    "within a number": (b"\x85", b"", b""),
    "a number without end": (b"\xff" * 12 + b"\x00\x00", b"", b""),
    "a number beyond 63 bits": (b"\xff" * 9 + b"\x01\x00\x00", b"", b""),
    "behind the old file": (b"\x0b\x00\x00", b"", b""),
    "before the old file": (b"\x00\x00\x01\x01\x00\x00", b"", b""),
    "no literals": (b"\x05\x00\x00", b"\x01\x00", b""),
    "differences end": (b"\x05\x00\x00", b"\x01\x03a", b""),
    "extra ends": (b"\x00\x05\x00", b"", b"abc"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_parts(case):
    with pytest.raises(PatchError):
        applied(b"0123456789", DAMAGED[case])


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
def test_any_bytes_end_in_a_file_or_an_error(control, diff, extra):
    try:
        rows = list(decode_control(io.BytesIO(control).read))
        if sum(row.add + row.copy for row in rows) < 1 << 20:
            applied(b"0123456789" * 9, (control, diff, extra))
    except PatchError:
        pass
