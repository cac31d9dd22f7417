"""`pocketrag delta`: one file that makes the new bundle of the old one, byte for byte; and what it refuses."""

import base64
import hashlib
import json
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.versions.apply import apply
from pocketrag.versions.delta import delta
from pocketrag.versions.updates import publish_delta
from tests.bench.damage import edit_json, next_version, put_digests_right, rename_bundle
from tests.conftest import cli
from tests.deltas import CHANGES, changed, make_deltas, one_text


@pytest.mark.parametrize("change", CHANGES)
def test_the_new_bundle_byte_for_byte(tiny_bundle, tmp_path, change):
    made = make_deltas(tiny_bundle, tmp_path / "d", change=CHANGES[change])
    facts = apply(str(made.delta), str(made.old), out=str(tmp_path / "out"), public=made.public)
    assert files.digests(tmp_path / "out") == files.digests(made.new)
    assert (facts.before, facts.version, facts.key, facts.rollback) == ("0.1", "0.2", made.key, False)
    assert files.digests(made.old) == files.digests(tiny_bundle), "the old one stays"


def test_what_the_file_holds(tiny_bundle, tmp_path):
    """As the format says, read without our code."""
    made = make_deltas(tiny_bundle, tmp_path / "d")
    with zipfile.ZipFile(made.delta) as archive:
        names = archive.namelist()
        assert names[:2] == ["delta.json", "delta.sig"]
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
        signed = archive.read("delta.json")
        Ed25519PublicKey.from_public_bytes(base64.b64decode(made.public)).verify(
            archive.read("delta.sig"), signed
        )
        said = json.loads(signed)
        assert signed == json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
        assert names[2:] == [entry for entry in names if entry in said["entries"]] and len(names) == 2 + len(
            said["entries"]
        )
        for name, entry in said["entries"].items():
            data = archive.read(name)
            assert {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} == entry
    digests = files.digests(made.new)
    assert {name: file["sha256"] for name, file in said["files"].items()} == digests
    assert said["key"] == made.key and said["name"] == "tiny" and said["contract"] == 2
    for side, bundle in (("old", made.old), ("new", made.new)):
        manifest = json.loads((bundle / "manifest.json").read_text())
        digest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
        own = {"version": manifest["version"], "model_id": manifest["model_id"], "manifest_sha256": digest}
        assert said[side] == own
    how = {name: file["how"] for name, file in said["files"].items()}
    assert how["embedder.tflite"] == "same" and how["corpus.db"] == how["manifest.json"] == "patch"
    assert all(file.get("from") != "SHA256SUMS" for file in said["files"].values())


def test_the_same_bytes_each_time_and_what_is_printed(tiny_bundle, tmp_path):
    made = make_deltas(tiny_bundle, tmp_path / "d")
    first = made.delta.read_bytes()
    done = cli("delta", made.old, made.new, "--key", made.private, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts, file = json.loads(done.stdout), tmp_path / "d" / "tiny-0.1-0.2.ragdelta"
    assert facts["delta"] == str(file) and file.read_bytes() == first
    assert facts["bytes"] == len(first) and facts["sha256"] == hashlib.sha256(first).hexdigest()
    assert facts["bytes_whole"] == sum(path.stat().st_size for path in made.new.iterdir())
    assert facts["of_database"] == pytest.approx(
        len(first) / (made.new / "corpus.db").stat().st_size, abs=1e-6
    )
    assert sum(row["carried_bytes"] for row in facts["files"]) < len(first)
    assert {row["file"]: row["how"] for row in facts["files"]}["search.sql"] == "same"
    shown = cli("delta", made.old, made.new, cwd=tmp_path)
    assert shown.returncode == 0 and "no app takes it" in " ".join(shown.stdout.split()), shown.stdout
    with zipfile.ZipFile(file) as archive:
        assert "delta.sig" not in archive.namelist() and json.loads(archive.read("delta.json"))["key"] is None


def test_a_model_that_stands_in_now_is_not_carried(tiny_bundle, tmp_path):
    """`same` goes by the bytes, whatever the file was called."""
    new = changed(tiny_bundle, tmp_path / "new", "0.2", one_text)
    (new / "COPYING").write_bytes((new / "NOTICE").read_bytes())
    edit_json(new / "manifest.json", lambda m: m["files"].update(COPYING=m["files"]["NOTICE"]))
    put_digests_right(new)
    facts = delta(str(tiny_bundle), str(new), out=str(tmp_path / "d"))
    (row,) = [row for row in facts.files if row.file == "COPYING"]
    assert (row.how, row.from_, row.carried_bytes) == ("same", "NOTICE", 0)


def test_a_way_back_is_said_to_be_one(tiny_bundle, tmp_path):
    made = make_deltas(tiny_bundle, tmp_path / "d")
    back = tmp_path / "back.ragdelta"
    assert delta(str(made.new), str(made.old), key=str(made.private), out=str(back)).rollback
    with pytest.raises(InputError, match=r"leads back to 0\.1"):
        apply(str(back), str(made.new), out=str(tmp_path / "out"), public=made.public)
    assert not (tmp_path / "out").exists()
    assert apply(
        str(back), str(made.new), out=str(tmp_path / "out"), public=made.public, rollback=True
    ).rollback
    assert files.digests(tmp_path / "out") == files.digests(made.old)


def another_teacher(bundle):
    edit_json(bundle / "manifest.json", lambda m: m["vectors"].update(model_id="tiny-float-000000000000"))
    put_digests_right(bundle)


def another_contract(bundle):
    edit_json(bundle / "manifest.json", lambda m: m.update(contract=3))
    put_digests_right(bundle)


def other_bytes(bundle):
    next_version(bundle, "0.1")


def wrong_sums(bundle):
    (bundle / "SHA256SUMS").write_text(f"{'0' * 64}  manifest.json\n")


REFUSED = {
    "another name": (lambda b: rename_bundle(b, "other"), "another bundle, 'other' in place of 'tiny'"),
    "another teacher": (another_teacher, "another teacher, tiny-float-000000000000 in place of"),
    "another contract": (another_contract, "contract version 3"),
    "the same version": (other_bytes, "both are version 0.1"),
    "damaged": (lambda b: (b / "golden.json").write_text("{}"), "golden.json: not the file that was built"),
    "another's sums": (wrong_sums, "SHA256SUMS: not of this bundle"),
    "no bundle": (lambda b: (b / "manifest.json").unlink(), "not a bundle, manifest.json is missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tiny_bundle, tmp_path, case):
    new = changed(tiny_bundle, tmp_path / "new", "0.2", one_text)
    damage, words = REFUSED[case]
    damage(new)
    before = files.digests(tmp_path)
    done = cli("delta", tiny_bundle, new, cwd=tmp_path)
    assert done.returncode == 2 and words in " ".join(done.stderr.split()), done.stderr
    assert files.digests(tmp_path) == before


def test_the_same_bundle_a_database_alone_and_no_key(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match="nothing differs"):
        delta(str(tiny_bundle), str(tiny_bundle))
    with pytest.raises(InputError, match=r"corpus\.db alone says neither"):
        delta(str(tiny_bundle / "corpus.db"), str(tiny_bundle))
    with pytest.raises(InputError, match="no such key"):
        delta(str(tiny_bundle), str(tiny_bundle), key=str(tmp_path / "none.pem"))


def test_what_lies_at_its_place(tiny_bundle, tmp_path):
    new = changed(tiny_bundle, tmp_path / "new", "0.2", one_text)
    (letter := tmp_path / "letter.txt").write_text("dear")
    (link := tmp_path / "link").symlink_to(letter)
    for out, words in (
        (letter, "not a delta"),
        (link, "not a delta"),
        (tmp_path, "not a delta"),
        (new / "made", "lies in a bundle"),
    ):
        with pytest.raises(InputError, match=words):
            delta(str(tiny_bundle), str(new), out=str(out))
    assert letter.read_text() == "dear" and not (new / "made").exists()


def test_nothing_is_published_that_was_not_proved(tiny_bundle, tmp_path, monkeypatch):
    new = changed(tiny_bundle, tmp_path / "new", "0.2", one_text)
    proved = publish_delta.apply_delta

    def then_altered(opened, base, folder):
        proved(opened, base, folder)
        (folder / "NOTICE").write_text("another")

    monkeypatch.setattr(publish_delta, "apply_delta", then_altered)
    with pytest.raises(GateError, match="NOTICE byte for byte"):
        delta(str(tiny_bundle), str(new), out=str(tmp_path / "d.ragdelta"))
    assert not list(tmp_path.glob("*d.ragdelta*"))
