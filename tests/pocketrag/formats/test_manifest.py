"""The manifest: version 1 is read as one encoder, version 2 has a main one and at most one fallback, nothing else is read."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import edit_json
from tests.ladders import MOVED, as_version_1, with_fallback


def test_version_1_is_read_as_one_encoder(tiny_bundle):
    whole = read_manifest(tiny_bundle)
    old = checked(as_version_1(tiny_bundle))
    assert old.contract == 1 and whole.contract == 2 and old.encoders == (old.main,) and old.ladder is None
    assert (old.main.name, old.main.kind, old.main.role) == ("full", "full", "main")
    assert (old.main.file, old.main.golden) == ("embedder.tflite", "golden.json")
    assert old.main == whole.main and old.fallback is None and old.full == old.main
    assert {key: getattr(old, key) for key in MOVED} == {key: getattr(whole, key) for key in MOVED}


def test_the_properties_are_the_main_encoders(tiny_bundle):
    found = checked(with_fallback(tiny_bundle, abstention=None))
    assert [one.role for one in found.encoders] == ["main", "fallback"]
    assert found.embedder == found.main.embedder and found.fallback.name == "static"
    assert found.full == found.main and not found.fallback.is_full and found.fallback.threshold is None


def encoders(change):
    return lambda m: change(m["encoders"])


#: What is wrong -> (how it comes about, what is said).
BAD = {
    "the vectors' model is no text": (lambda m: m["vectors"].update(model_id=7), "model_id must be text"),
    "contract 3": (lambda m: m.update(contract=3), "contract version 3; this pocketrag reads 1 and 2. Take a newer"),
    "contract as text": (lambda m: m.update(contract="2"), "contract version '2'"),
    "contract true": (lambda m: m.update(contract=True), "contract version True"),
    "no contract": (lambda m: m.pop("contract"), "contract version None"),
    "a name that leaves the folder": (lambda m: m.update(name="../up"), "`name`: String should match pattern"),
    "a version that leaves the folder": (lambda m: m.update(version="1/../../up"), "`version`: String should match pattern"),
    "no encoders": (lambda m: m.pop("encoders"), "`encoders`: Field required"),
    "empty": (lambda m: m.update(encoders=[]), "exactly one encoder must have the role 'main'"),
    "no main": (encoders(lambda e: e.pop(0)), "exactly one encoder must have the role 'main'"),
    "main second": (encoders(lambda e: e.reverse()), "and be the first"),
    "two mains": (encoders(lambda e: e.append({**e[0], "name": "other"})), "exactly one encoder must have the role 'main'"),
    "two fallbacks": (encoders(lambda e: e.append({**e[1], "name": "other"})), "at most one encoder may have the role 'fallback'"),
    "one name": (encoders(lambda e: e[1].update(name="full")), "two encoders have one name"),
    "other role": (encoders(lambda e: e[1].update(role="npu")), "`encoders.1.role`"),
    "no file": (encoders(lambda e: e[1].pop("file")), "`encoders.1.file`: Field required"),
    "another's file": (encoders(lambda e: e[1].update(file="embedder.tflite")), "the files of the role 'fallback' are"),
    "other dims": (encoders(lambda e: e[1]["embedder"].update(dims=16)), r"must have the same dims; found \[32, 16\]"),
    "version 1's key": (lambda m: m.update(embedder=m["encoders"][0]["embedder"]), "`embedder`: Extra inputs"),
    "both versions": (lambda m: m.update(contract=1, embedder={}), "`embedder`: Extra inputs"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_manifest_is_refused_in_clear_words(tiny_bundle, name):
    change, said = BAD[name]
    edit_json(with_fallback(tiny_bundle) / "manifest.json", change)
    with pytest.raises(InputError, match=rf"manifest\.json: .*{said}"):
        read_manifest(tiny_bundle)


def test_a_bad_key_of_version_1_is_named_as_version_1_has_it(tiny_bundle):
    edit_json(as_version_1(tiny_bundle) / "manifest.json", lambda m: m["embedder"].pop("dims"))
    with pytest.raises(InputError, match=r"`embedder\.dims`: Field required"):
        read_manifest(tiny_bundle)


@pytest.mark.parametrize("name", ["fallback.tflite", "fallback.golden.json", "golden.json"])
def test_a_file_of_an_encoder_that_is_not_listed(tiny_bundle, name):
    edit_json(with_fallback(tiny_bundle) / "manifest.json", lambda m: m["files"].pop(name))
    with pytest.raises(InputError, match=f"its manifest does not list {name}"):
        checked(tiny_bundle)


def test_what_is_built_is_version_2(tiny_bundle):
    written = json.loads((tiny_bundle / "manifest.json").read_text())
    assert written["contract"] == 2 and written["ladder"] is None and not {*MOVED} & {*written}
    (main,) = written["encoders"]
    assert (main["name"], main["role"], main["kind"], main["evidence"]) == ("full", "main", "full", None)
