"""`pocketrag update`: what it carries, and what it refuses, with exit code 2 and everything as it was."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.manifest import File, Manifest, read_manifest
from pocketrag.pipeline.bundle_update import refusal
from pocketrag.runtime.rag import open_bundle
from tests.bench.damage import edit_json, next_version, put_digests_right, rename_bundle, sql
from tests.conftest import cli
from tests.verbs import update


@pytest.fixture
def newer(tiny_bundle, tmp_path):
    """The next version of `tiny_bundle`: other bytes of the model, the same passages."""
    return next_version(shutil.copytree(tiny_bundle, tmp_path / "newer"), "0.2")


def test_what_it_carries_makes_the_new_bundle_of_the_old_one(tiny_bundle, newer, tmp_path):
    done = cli("update", tiny_bundle, newer, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts, folder = json.loads(done.stdout), tmp_path / "tiny-0.2.update"
    assert facts["update"] == str(folder) and (facts["before"], facts["version"]) == ("0.1", "0.2")
    assert facts["carried"] == ["embedder.tflite", "golden.json"] and "corpus.db" in facts["taken"]
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "SHA256SUMS", *facts["carried"]}
    assert facts["bytes"] == sum(path.stat().st_size for path in folder.iterdir())
    assert facts["bytes_whole"] == sum(path.stat().st_size for path in newer.iterdir())
    whole = shutil.copytree(tiny_bundle, tmp_path / "whole")
    shutil.copytree(folder, whole, dirs_exist_ok=True)
    checked(whole)
    sums = dict(line.split("  ")[::-1] for line in (whole / "SHA256SUMS").read_text().splitlines())
    for name, digest in sums.items():
        assert hashlib.sha256((whole / name).read_bytes()).hexdigest() == digest, name
    first = (folder / "manifest.json").read_bytes()
    assert update(str(tiny_bundle), str(newer)) == facts and (folder / "manifest.json").read_bytes() == first
    shown = cli("update", tiny_bundle, newer, "--out", "shown", cwd=tmp_path)
    assert shown.returncode == 0 and "model-only update" in shown.stdout and "FolderSource" in shown.stdout


def test_a_file_that_changed_its_name_is_not_carried(tiny_bundle, newer, tmp_path):
    (newer / "COPYING").write_bytes((newer / "NOTICE").read_bytes())
    edit_json(newer / "manifest.json", lambda m: m["files"].update(COPYING=m["files"]["NOTICE"]))
    put_digests_right(newer)
    facts = update(str(tiny_bundle), str(newer), out=str(tmp_path / "made"))
    assert "COPYING" in facts["taken"]


def another_corpus(bundle):
    sql(bundle, "UPDATE chunks SET text = 'another' WHERE n = 1")
    put_digests_right(bundle)


REFUSED = {
    "another corpus": (another_corpus, "another corpus, its corpus.db differs: this needs the whole bundle"),
    "another name": (lambda b: rename_bundle(b, "other"), "another bundle, 'other' in place of 'tiny'"),
    "no newer": (lambda b: next_version(b, "0.0.9"), "version 0.0.9 is no newer than 0.1: raise `version`"),
    "damaged": (lambda b: (b / "golden.json").write_text("{}"), "golden.json: not the file that was built"),
    "no bundle": (lambda b: (b / "manifest.json").unlink(), "not a bundle, manifest.json is missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tiny_bundle, newer, tmp_path, case):
    damage, words = REFUSED[case]
    damage(newer)
    done = cli("update", tiny_bundle, newer, cwd=tmp_path)
    assert done.returncode == 2 and words in " ".join(done.stderr.split()), done.stderr
    assert not list(tmp_path.glob("*.update"))


def test_the_same_bundle_twice_and_a_damaged_earlier_one(tiny_bundle, newer, tmp_path):
    with pytest.raises(InputError, match="nothing differs"):
        update(str(tiny_bundle), str(tiny_bundle))
    old = shutil.copytree(tiny_bundle, tmp_path / "old")
    (old / "corpus.db").write_bytes(b"")
    with pytest.raises(InputError, match=r"old/corpus\.db: not the file"):
        update(str(old), str(newer))


def test_its_sums_are_those_of_the_new_bundle_whatever_lies_there(tiny_bundle, newer, tmp_path):
    (newer / "SHA256SUMS").rename(tmp_path / "sums")
    (newer / "SHA256SUMS").write_text("another bundle's")
    folder = Path(update(str(tiny_bundle), str(newer), out=str(tmp_path / "made"))["update"])
    assert (folder / "SHA256SUMS").read_bytes() == (tmp_path / "sums").read_bytes()


def test_a_manifest_without_passages_is_of_another_corpus():
    """A damaged `work/NAME/earlier` must not end a build."""
    database, model = (File(bytes=1, sha256=digit * 64) for digit in "ab")
    whole = {"contract": 2, "name": "a", "version": "1"}
    old, new = (
        Manifest.model_construct(**whole, files=files)
        for files in ({"m": model}, {"m": model, "corpus.db": database})
    )
    assert refusal(old, new).startswith("another corpus")


def test_what_lies_at_its_place(tiny_bundle, newer, tmp_path):
    """An earlier update is replaced; a bundle, what is none of ours, and a folder that must stay whole, never."""
    for place in (tiny_bundle, newer):
        with pytest.raises(InputError, match="a whole bundle, which is left alone"):
            update(str(tiny_bundle), str(newer), out=str(place))
        checked(place)
    (stage := tmp_path / "stage").mkdir()
    (stage / "manifest.json").write_text("{}")
    inside = shutil.copytree(newer, stage / "tiny")
    for new, out in ((newer, str(newer / "made")), (inside, None)):
        with pytest.raises(InputError, match="in a bundle or a stage"):
            update(str(tiny_bundle), str(new), out=out)
    assert {path.name for path in stage.iterdir()} == {"manifest.json", "tiny"}
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    with pytest.raises(InputError, match="not a bundle of ours"):
        update(str(tiny_bundle), str(newer), out=str(tmp_path / "letters"))
    assert (tmp_path / "letters" / "one.txt").read_text() == "dear"


def test_an_update_is_no_bundle(tiny_bundle, newer, tmp_path):
    folder = update(str(tiny_bundle), str(newer))["update"]
    with pytest.raises(
        InputError, match=r"missing, or not a file \(a model-only update is no whole bundle\)"
    ):
        open_bundle(folder)


def test_bundles_of_before_still_open(tiny_bundle):
    """They name the model that asks in manifest and database."""
    own = read_manifest(tiny_bundle).model_id
    edit_json(tiny_bundle / "manifest.json", lambda m: m["vectors"].pop("model_id"))
    sql(tiny_bundle, f"UPDATE metadata SET value = '{own}' WHERE key = 'model_id'")  # noqa: S608
    put_digests_right(tiny_bundle)
    with open_bundle(tiny_bundle) as rag:
        assert rag.database.model_id == own and rag.search("king 0", mode="bm25").hits
    assert cli("verify", tiny_bundle, cwd=tiny_bundle.parent).returncode == 0
