"""`pocketrag apply`: the new bundle or nothing, whatever was done to the delta or to what it is for."""

import json
import shutil
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.update.signature import public_of, read_private
from pocketrag.versions.apply import apply
from pocketrag.versions.delta import delta
from pocketrag.versions.key import key
from pocketrag.versions.updates import apply_delta
from tests.bench.damage import rename_bundle
from tests.conftest import cli
from tests.deltas import changed, make_deltas, one_text


@pytest.fixture(scope="module")
def made(tiny_built, tmp_path_factory):
    """Old, new and delta; read only."""
    return make_deltas(tiny_built / "out" / "tiny", tmp_path_factory.mktemp("deltas"))


def refused(made, file, out, words, public=None, old=None, **more):
    with pytest.raises(InputError, match=words):
        apply(str(file), str(old or made.old), out=str(out), public=public or made.public, **more)
    assert not [path for path in out.parent.iterdir() if path.name != file.name and "old" not in path.name]


def test_on_the_command_line(made, tmp_path):
    done = cli(
        "apply", made.delta, made.old, "--out", "next", "--public", made.public, "--json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["version"] == "0.2" and facts["bytes"] == sum(p.stat().st_size for p in made.new.iterdir())
    assert files.digests(tmp_path / "next") == files.digests(made.new)
    assert cli("verify", "next", cwd=tmp_path).returncode == 0
    lacking = cli("apply", made.delta, made.old, cwd=tmp_path)
    assert lacking.returncode == 2 and "name both" in lacking.stderr


def test_every_truncation(made, tmp_path):
    data, file = made.delta.read_bytes(), tmp_path / "cut.ragdelta"
    for length in sorted({0, 1, 4, 30, 100, *range(0, len(data), 97), len(data) - 22, len(data) - 1}):
        file.write_bytes(data[:length])
        refused(made, file, tmp_path / "out", "not a delta, or damaged or truncated")


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_gives_an_error_or_the_new_bundle(made, tmp_path, data):
    """A ZIP has bytes that say nothing of its content (times, the bits behind a deflated stream): those change nothing."""
    whole = bytearray(made.delta.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    (file := tmp_path / "flipped.ragdelta").write_bytes(whole)
    out = tmp_path / "out"
    try:
        apply(str(file), str(made.old), out=str(out), public=made.public)
        assert files.digests(out) == files.digests(made.new)
    except InputError:
        assert not out.exists()
    shutil.rmtree(out, ignore_errors=True)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_each_byte_of_what_is_signed_or_carried_counts(made, tmp_path):
    """Every byte of the parts' content, changed in a ZIP that is whole otherwise."""
    with zipfile.ZipFile(made.delta) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    file = tmp_path / "other.ragdelta"
    for name, content in parts.items():
        for at in sorted({0, len(content) // 2, len(content) - 1} if content else ()):
            other = bytearray(content)
            other[at] ^= 1
            rezip(file, {**parts, name: bytes(other)})
            refused(made, file, tmp_path / "out", "damaged|another key|not a delta")


def rezip(file, parts):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_entries_that_are_not_its_own(made, tmp_path):
    with zipfile.ZipFile(made.delta) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    file, out = tmp_path / "other.ragdelta", tmp_path / "out"
    rezip(file, {**parts, "../../evil": b"x"})
    refused(made, file, out, "its entries are not those of delta.json")
    rezip(file, dict(list(parts.items())[:-1]))
    refused(made, file, out, "its entries are not those of delta.json")
    rezip(file, dict(reversed(parts.items())))
    refused(made, file, out, "begin with delta.json")
    rezip(file, {"delta.json": b" " * (2 << 20), "delta.sig": b""})
    refused(made, file, out, "too large")


def signed_again(made, tmp_path, change):
    """The delta with another delta.json, signed by the right key: what only a fault of ours would write."""
    with zipfile.ZipFile(made.delta) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    values = json.loads(parts["delta.json"])
    change(values)
    parts["delta.json"] = json.dumps(values, sort_keys=True).encode()
    parts["delta.sig"] = read_private(made.private).sign(parts["delta.json"])
    rezip(file := tmp_path / "signed.ragdelta", parts)
    return file


SIGNED = {
    "leaves the folder": (lambda d: d["files"].update({"../x": d["files"].pop("NOTICE")}), "files"),
    "hidden": (lambda d: d["files"].update({".x": d["files"].pop("NOTICE")}), "files"),
    "from above": (lambda d: d["files"]["NOTICE"].update({"from": "../NOTICE"}), "from"),
    "another size": (lambda d: d["files"]["corpus.db"].update(bytes=1), "corpus.db does not come out"),
    "another digest": (lambda d: d["files"]["corpus.db"].update(sha256="0" * 64), "corpus.db does not come out"),
    "another base": (lambda d: d["files"]["corpus.db"].update(from_sha256="0" * 64), "its corpus.db has another"),
    "a larger part": (lambda d: d["entries"]["0.whole"].update(bytes=9**9) if "0.whole" in d["entries"] else d["entries"].update(x={}), "entries|size"),
    "a newer format": (lambda d: d.update(format=2), "a delta of format 2"),
    "a newer contract": (lambda d: d.update(contract=3), "of contract 3; this pocketrag reads 1 and 2: take a newer"),
    "an older contract": (lambda d: d.update(contract=1), "of another contract, 1 in place of 2"),
    "another kind": (lambda d: d.update(kind="x"), "not a delta"),
    "an unknown key": (lambda d: d.update(more=1), "more"),
    "names another version": (lambda d: d["new"].update(version="0.3"), "not the one that it names"),
    "a file less": (lambda d: d["files"].pop("NOTICE"), "NOTICE"),
}  # fmt: skip


@pytest.mark.parametrize("case", SIGNED)
def test_what_is_signed_and_wrong(made, tmp_path, case):
    change, words = SIGNED[case]
    refused(made, signed_again(made, tmp_path, change), tmp_path / "out", words)


def test_unsigned_and_another_key(made, tmp_path):
    delta(str(made.old), str(made.new), out=str(tmp_path / "u.ragdelta"))
    refused(made, tmp_path / "u.ragdelta", tmp_path / "out", "unsigned, and so no app takes it")
    other = key(str(tmp_path / "old-other.pem"))
    (file := tmp_path / "d.ragdelta").write_bytes(made.delta.read_bytes())
    (tmp_path / "u.ragdelta").unlink()
    words = f"signed by another key, {made.key} in place of {other.id}"
    refused(made, file, tmp_path / "out", words, public=other.public)


def test_another_base(made, tmp_path):
    (file := tmp_path / "d.ragdelta").write_bytes(made.delta.read_bytes())
    out, old = tmp_path / "out", shutil.copytree(made.old, tmp_path / "old")
    data = bytearray((old / "corpus.db").read_bytes())
    data[5000] ^= 1
    (old / "corpus.db").write_bytes(data)
    refused(made, file, out, r"corpus\.db: not the file that was built", old=old)
    shutil.rmtree(old)
    changed(made.old, old, "0.1.1", one_text)
    refused(made, file, out, r"for another base, version 0\.1 ", old=old)
    refused(made, file, out, "for another base", old=made.new)
    rename_bundle(old, "other")
    refused(made, file, out, "for another bundle, 'tiny'", old=old)


def test_no_room(made, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(apply_delta.shutil, "disk_usage", lambda folder: usage)
    (file := tmp_path / "d.ragdelta").write_bytes(made.delta.read_bytes())
    refused(made, file, tmp_path / "out", "10 are free")


def test_what_lies_at_its_place(made, tmp_path):
    """The bundle that it is for, another one, and what is none stay; an earlier result is replaced."""
    old = shutil.copytree(made.old, tmp_path / "old")
    for out in (old, old / "in", tmp_path):
        with pytest.raises(InputError, match="stays as it is"):
            apply(str(made.delta), str(old), out=str(out), public=made.public)
    other = rename_bundle(shutil.copytree(made.old, tmp_path / "other"), "other")
    (letters := tmp_path / "letters").mkdir()
    (letters / "one.txt").write_text("dear")
    for out, words in ((other, "another bundle, 'other'"), (letters, "not a bundle of ours")):
        before = files.digests(out)
        with pytest.raises(InputError, match=words):
            apply(str(made.delta), str(old), out=str(out), public=made.public)
        assert files.digests(out) == before
    for _ in range(2):
        apply(str(made.delta), str(old), out=str(tmp_path / "next"), public=made.public)
    assert files.digests(tmp_path / "next") == files.digests(made.new) and files.digests(
        old
    ) == files.digests(made.old)


def test_the_public_half_is_that_of_the_private_one(made):
    assert made.public == key(str(made.private), show=True).public
    assert len(public_of(read_private(made.private))) == 32
