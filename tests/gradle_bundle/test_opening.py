"""The command that times an opening measures what it says: every way opens, and one that compares all digests sees a changed file."""

import shutil

import pytest

from tests.gradle_bundle import opening

pytestmark = pytest.mark.usefixtures("kotlin")


def test_each_way_opens_and_is_timed(tiny_bundle, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(opening, "REPEATS", 1)
    opening.main([str(tiny_bundle)])
    said = capsys.readouterr().out
    assert all(way in said for way in opening.WAYS) and "n = 1" in said
    bundle = shutil.copytree(tiny_bundle, tmp_path / "changed")
    data = bytearray((bundle / "corpus.db").read_bytes())
    data[-1] ^= 1
    (bundle / "corpus.db").write_bytes(data)
    assert opening.once(bundle, tmp_path, "NEVER") > 0
    with pytest.raises(AssertionError, match="CorruptFileException"):
        opening.once(bundle, tmp_path, "ALWAYS")
