"""The way back, in a repository with two releases of one corpus: base and tuned."""

import json
import shutil
from pathlib import Path

import pytest

from pocketrag.errors import GateError, InputError
from pocketrag.runtime.rag import open_bundle
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import cli
from tests.pocketrag.versions.repositories import BASE, TUNED, commit, dvc, git, model_of, run, state
from tests.verbs import fallback


def test_there_and_back(two):
    tuned, head = state(two)[0], git(two, "rev-parse", "HEAD")
    newer = model_of(two)
    facts = fallback(BASE)
    assert facts["model_id"] == model_of(two) != newer and facts["ships"] == "base"
    assert git(two, "rev-parse", "HEAD") == head and "versions/tiny/model.dvc" in git(
        two, "status", "--porcelain"
    )
    assert not (two / "versions" / "tiny" / "model" / "embedder").exists()
    assert dvc(two, "status", "--json").strip() == "{}"
    with open_bundle(two / "out" / "tiny") as rag:
        assert rag.search("what moves if king 0 meets rook", limit=1)
    assert fallback(TUNED)["model_id"] == newer and state(two)[0] == tuned
    assert git(two, "status", "--porcelain") == ""


def test_the_command_that_it_prints_makes_the_fallback_the_branchs_state(two):
    run(two, "bash", "-c", fallback(BASE)["next"])
    assert (
        git(two, "status", "--porcelain") == ""
        and git(two, "diff", "--stat", BASE, "--", "versions/tiny", "out/tiny.dvc") == ""
    )


def test_a_clone_gets_data_from_the_remote(two, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", "origin.git", "clone")
    monkeypatch.chdir(tmp_path / "clone")
    done = cli("fallback", BASE, "--json", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model_id"] == model_of(Path.cwd())
    assert cli("search", "out/tiny", "what moves if king 0 meets rook", cwd=Path.cwd()).returncode == 0


def test_an_interrupted_fallback_puts_back_what_was_there(two, monkeypatch):
    before = state(two)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pocketrag.versions.record.prove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        fallback(BASE)
    assert state(two) == before


def test_an_unknown_tag_names_those_there_are(two):
    with pytest.raises(InputError, match=f"'v9': no such tag; the latest are .*{BASE}"):
        fallback("v9")
    git(two, "tag", "theirs")
    with pytest.raises(InputError, match="not made by `pocketrag release`"):
        fallback("theirs")


def test_a_bundle_that_was_never_released_is_not_lost(two):
    file = two / "out" / "tiny" / "NOTICE"
    file.write_text("new")
    before = state(two)
    with pytest.raises(InputError, match=r"NOTICE: was never released.*pocketrag release"):
        fallback(BASE)
    assert state(two) == before and file.read_text() == "new"


def test_passages_never_change_with_the_model(two):
    (two / "corpus.jsonl").write_text((two / "corpus.jsonl").read_text().replace("king 0", "king 000"))
    commit(two)
    before = state(two)
    with pytest.raises(
        InputError,
        match=r"corpus\.jsonl: not the passages that v1\.0-base was built from.*git checkout v1\.0-base",
    ):
        fallback(BASE)
    assert state(two) == before


@pytest.mark.parametrize("how", ["changed", "changed and writable", "missing"])
def test_damage_in_the_remote_is_seen_before_use(two, tmp_path, monkeypatch, how):
    """The tuned release lies in a clone; what the older one pulls is not what was released."""
    git(tmp_path, "clone", "--quiet", "origin.git", "clone")
    clone = tmp_path / "clone"
    monkeypatch.chdir(clone)
    fallback(TUNED)
    before = state(clone)
    pointer = git(clone, "show", f"{BASE}:versions/tiny/embeddings.npy.dvc")
    md5 = pointer.split("md5: ")[1].split()[0]
    stored = tmp_path / "store" / "files" / "md5" / md5[:2] / md5[2:]
    data = stored.read_bytes()
    stored.unlink()
    if how != "missing":
        stored.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        # DVC trusts what is read-only, and looks at the rest.
        stored.chmod(0o444 if how == "changed" else 0o644)
    seen = (
        (GateError, r"embeddings\.npy: not what")
        if how == "changed"
        else (InputError, "neither in the DVC cache|dvc fetch")
    )
    with pytest.raises(seen[0], match=seen[1]):
        fallback(BASE)
    assert state(clone) == before


def test_no_remote_and_an_empty_cache(two):
    dvc(two, "remote", "remove", "store")
    for stored in (two / ".dvc" / "cache" / "files").rglob("*"):
        if stored.is_file():
            stored.unlink()
    before = state(two)
    with pytest.raises(InputError, match="neither in the DVC cache nor in a remote"):
        fallback(BASE)
    assert state(two) == before


def test_a_record_that_leaves_the_repository_is_refused(two):
    edit_json(two / "versions" / f"{BASE}.json", lambda r: r["artifacts"].update(bundle="../outside"))
    commit(two)
    git(two, "tag", "--force", BASE)
    with pytest.raises(InputError, match="not a record of a release"):
        fallback(BASE)


def test_a_release_whose_parts_are_of_two_models_is_refused(two):
    """The tag's record names the older model, its pointers the newer one."""
    other = json.loads(git(two, "show", f"{BASE}:versions/{BASE}.json"))["model_id"]
    record = json.loads((two / "versions" / f"{TUNED}.json").read_text())
    (two / "versions" / "v3.json").write_text(json.dumps({**record, "tag": "v3", "model_id": other}))
    commit(two)
    git(two, "tag", "v3")
    before = state(two)
    with pytest.raises(GateError, match=r"v3 released 'tiny-0\.1"):
        fallback("v3")
    assert state(two) == before


@pytest.mark.parametrize("swap", ["corpus.db", "embedder.tflite"])
def test_a_database_of_one_model_opened_with_another_is_refused_everywhere(two, swap):
    """Both bundles are whole; one part is exchanged and every digest put right again."""
    mixed = Path(shutil.copytree("out/tiny", "mixed"))
    fallback(BASE)
    shutil.copyfile(Path("out/tiny") / swap, mixed / swap)
    put_digests_right(mixed)
    data = ("--corpus", "corpus.jsonl", "--queries", "queries.jsonl", "--qrels", "qrels.tsv")
    with pytest.raises(
        InputError,
        match="are of the model 'tiny-float-" if swap == "corpus.db" else "is 'tiny-0.2.*Build it again",
    ):
        open_bundle(mixed)
    asked = {
        ("verify", mixed): 1,
        ("search", mixed, "who moves?"): 2,
        ("search", mixed, "who?", "--mode", "bm25"): 2,
    }
    for arguments, code in {**asked, ("evaluate", mixed, *data): 2}.items():
        done = cli(*arguments, cwd=two)
        assert done.returncode == code and "Traceback" not in done.stderr, (arguments, done.stderr)
