import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.errors import InputError
from pocketrag.formats.files import sha256
from pocketrag.formats.identity import check_model_id, model_id_of
from pocketrag.runtime.rag import open_bundle
from tests.conftest import cli
from tests.verbs import model_id


def test_show_and_set(tiny_bundle):
    file = tiny_bundle / "corpus.db"
    before = json.loads((tiny_bundle / "manifest.json").read_text())["vectors"]["model_id"]
    digest = sha256(file)
    assert model_id(str(file))["model_id"] == before and sha256(file) == digest
    assert model_id(str(file), new=before)["model_id"] == before and sha256(file) == digest
    done = cli("model-id", file, "--set", "org/other-model@1", "--json")
    assert done.returncode == 0 and json.loads(done.stdout) == {
        "database": str(file),
        "model_id": "org/other-model@1",
        "before": before,
    }
    assert {p.name for p in tiny_bundle.iterdir()} == {
        *json.loads((tiny_bundle / "manifest.json").read_text())["files"]
    } | {
        "manifest.json",
        "SHA256SUMS",
    }
    with pytest.raises(InputError, match=r"corpus\.db"):
        open_bundle(tiny_bundle)


@pytest.mark.parametrize("new", ["", " ", "a b", "a\n", "-x", "a'b", "é", "a" * 201, "\x00"])
def test_a_malformed_id_is_refused_and_nothing_is_written(tiny_bundle, new):
    file = tiny_bundle / "corpus.db"
    digest, stat = sha256(file), file.stat()
    with pytest.raises(InputError, match="must be one word"):
        model_id(str(file), new=new)
    assert sha256(file) == digest and file.stat().st_mtime_ns == stat.st_mtime_ns


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 500])
def test_what_is_no_database_of_ours_stays_as_it_is(tmp_path, content):
    file = tmp_path / "corpus.db"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"corpus\.db"):
        model_id(str(file), new="x")
    assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else ["corpus.db"])
    assert content is None or file.read_bytes() == content


def test_a_failure_half_way_leaves_the_database(tiny_bundle, monkeypatch):
    digest, names = sha256(tiny_bundle / "corpus.db"), sorted(p.name for p in tiny_bundle.iterdir())
    monkeypatch.setattr(
        "pocketrag.versions.model_id._update", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        model_id(str(tiny_bundle / "corpus.db"), new="other")
    assert (
        sha256(tiny_bundle / "corpus.db") == digest and sorted(p.name for p in tiny_bundle.iterdir()) == names
    )


def test_a_link_is_replaced_and_its_target_left_alone(tiny_bundle, tmp_path):
    """DVC may lay a link into its cache, which must never be written."""
    link = tmp_path / "linked.db"
    link.symlink_to(tiny_bundle / "corpus.db")
    digest = sha256(tiny_bundle / "corpus.db")
    model_id(str(link), new="other")
    assert (
        not link.is_symlink()
        and model_id(str(link))["model_id"] == "other"
        and sha256(tiny_bundle / "corpus.db") == digest
    )


@given(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), st.sampled_from(["1.0.0", "2", "1.1-rc1"]))
def test_every_id_that_a_build_writes_can_be_set(name, version):
    for quantization in ("int8", "float32", "t8-a4b32g-f4b32g-h8+30"):
        check_model_id(model_id_of(name, version, quantization, "0" * 64))
