"""Releases in a real git and DVC repository, with a remote beside it."""

import json
import shutil

import pytest

from pocketrag.errors import GateError, InputError, UncheckedError
from pocketrag.formats.files import digests
from pocketrag.versions.repository import Repository
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import cli
from tests.pocketrag.versions.repositories import BASE, OURS, TUNED, commit, dvc, git, model_of, state
from tests.verbs import fallback, release


def test_a_release_is_a_tag_with_pointers_and_no_data(two):
    for tag in (BASE, TUNED):
        listed = set(git(two, "show", "--name-only", "--format=", f"{tag}^{{commit}}").split())
        assert f"versions/{tag}.json" in listed and listed - {f"versions/{tag}.json"} <= OURS
        record = json.loads(git(two, "show", f"{tag}:versions/{tag}.json"))
        assert record["model_id"] in git(two, "tag", "-n1", "--list", tag)
        assert {n.split("/")[-1] for n in record["files"]} >= {
            "embeddings.npy",
            "corpus.db",
            "embedder.tflite",
            "manifest.json",
        }
        assert git(two, "cat-file", "-t", tag).strip() == "tag"
    assert git(two, "status", "--porcelain") == ""
    assert not [name for name in git(two, "ls-files").split() if name.endswith((".npy", ".db", ".tflite"))]


def test_a_tuned_release_keeps_its_float_embedder_and_a_base_one_does_not(two):
    names = [json.loads((two / f"versions/{tag}.json").read_text())["files"] for tag in (BASE, TUNED)]
    assert [any("/model/embedder/model.safetensors" in name for name in each) for each in names] == [
        False,
        True,
    ]


def test_nothing_is_pushed_without_push_and_the_same_command_pushes_later(fresh):
    assert release(BASE, "tiny.toml", bundle="out/tiny")["pushed"] is False
    assert git(fresh.parent / "origin.git", "tag") == "" and not (fresh.parent / "store").exists()
    with pytest.raises(InputError, match=r"exists, it is the model 'tiny-0\.1"):
        release(BASE, "tiny.toml", bundle="out/tiny")
    release(BASE, "tiny.toml", bundle="out/tiny", push=True)
    assert git(fresh.parent / "origin.git", "tag").split() == [BASE]
    assert dvc(fresh, "status", "--cloud", "--json").strip() == "{}"


def outside_git(home):
    shutil.rmtree(home / ".git")


def change_version(home):
    (home / "tiny.toml").write_text((home / "tiny.toml").read_text().replace('"0.1"', '"0.9"'))
    commit(home)


def change_notice(home):
    (home / "tiny.toml").write_text(
        (home / "tiny.toml").read_text().replace("[model]", '[model]\nnotice = "Another."')
    )
    commit(home)


def revise(home):
    edit_json(home / "out" / "tiny" / "manifest.json", lambda m: m.update(base_revision="another"))
    put_digests_right(home / "out" / "tiny")


def uncommit(name):
    def damage(home):
        git(home, "rm", "--quiet", "--cached", name)
        git(home, "commit", "--quiet", "--message", "without")

    return damage


REFUSED = {
    "no git": (outside_git, {}, "no git repository.*git init"),
    "no dvc": (lambda home: shutil.rmtree(home / ".dvc"), {}, "no DVC repository.*dvc init"),
    "changed questions": (
        lambda home: (home / "qrels.tsv").open("a").write("\n"),
        {},
        r"1 tracked files.*qrels\.tsv.*commit",
    ),
    "passages not in git": (uncommit("corpus.jsonl"), {}, r"corpus\.jsonl: the corpus is not committed"),
    "recipe not in git": (uncommit("tiny.toml"), {}, r"tiny\.toml: the recipe is not committed"),
    "no dvc remote": (
        lambda home: (dvc(home, "remote", "remove", "store"), commit(home)),
        {"push": True},
        "DVC has no default",
    ),
    "no git remote": (
        lambda home: git(home, "remote", "remove", "origin"),
        {"push": True},
        "no git remote `origin`",
    ),
    "a tag of others": (lambda home: git(home, "tag", BASE), {}, r"not made by `pocketrag release`"),
    "not built from the recipe": (change_version, {}, r"made from another `model`.*bundle"),
    "another licence notice": (change_notice, {}, r"made from another `model`.*bundle"),
    "a bundle of other making": (revise, {}, r"not the bundle of .*pocketrag build"),
    "no bundle": (lambda home: None, {"bundle": "out/none"}, "not a bundle"),
    "a bundle outside": (
        lambda home: shutil.copytree("out/tiny", "../tiny"),
        {"bundle": "../tiny"},
        "lies outside the repository",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_what_to_do_and_leaves_all_as_it_was(fresh, name):
    damage, options, message = REFUSED[name]
    damage(fresh)
    before = digests(fresh / "out"), [p for p in (fresh / "versions").rglob("*")]
    with pytest.raises(InputError, match=message):
        release(BASE, "tiny.toml", **{"bundle": "out/tiny", **options})
    assert before == (digests(fresh / "out"), [p for p in (fresh / "versions").rglob("*")])


@pytest.mark.parametrize("tag", ["", "-x", "a b", "../x", "a..b", "v1.lock", "x/y", "v1.", "a" * 101])
def test_a_tag_that_can_not_be_one(fresh, tag):
    for verb in (lambda: release(tag, "tiny.toml", bundle="out/tiny"), lambda: fallback(tag)):
        with pytest.raises(InputError, match="letters, digits"):
            verb()


def test_a_bundle_that_fails_a_gate_is_not_released(fresh):
    edit_json(fresh / "out" / "tiny" / "manifest.json", lambda m: m["limits"].update(model_megabytes=0.001))
    put_digests_right(fresh / "out" / "tiny")
    before = state(fresh)
    with pytest.raises(GateError, match="gate size"):
        release(BASE, "tiny.toml", bundle="out/tiny")
    assert state(fresh) == before


def test_a_release_that_needs_the_device_gates_waits_for_them(fresh):
    with pytest.raises(UncheckedError, match="device_parity"):
        release(BASE, "tiny.toml", bundle="out/tiny", purpose="release")
    done = cli("release", BASE, "tiny.toml", "--bundle", "out/tiny", "--for", "release", "--json", cwd=fresh)
    assert done.returncode == 4 and "Nothing was released" in json.loads(done.stdout)["error"]


@pytest.mark.parametrize("point", ["add", "commit", "tag"])
def test_an_interrupted_release_is_finished_by_the_same_command(two, monkeypatch, point):
    """Stopped before git's or DVC's own step; the earlier releases stay in reach meanwhile."""
    older, rest = model_of(two), Repository.git

    def stop(self, *arguments):
        if arguments[0] == point:
            raise KeyboardInterrupt
        return rest(self, *arguments)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Repository, "git", stop)
        release("v1.2", "tiny.toml", bundle="out/tiny")
    assert "v1.2" not in git(two, "tag").split()
    assert fallback(BASE)["model_id"] != older and fallback(TUNED)["model_id"] == older
    assert release("v1.2", "tiny.toml", bundle="out/tiny")["model_id"] == older
    assert git(two, "status", "--porcelain") == ""


def test_a_push_that_fails_is_finished_by_the_same_command(fresh):
    (fresh.parent / "origin.git").rename(fresh.parent / "away.git")
    with pytest.raises(InputError, match=r"git push.*v1\.0-base is whole here but not pushed"):
        release(BASE, "tiny.toml", bundle="out/tiny", push=True)
    (fresh.parent / "away.git").rename(fresh.parent / "origin.git")
    assert release(BASE, "tiny.toml", bundle="out/tiny", push=True)["pushed"]
    assert git(fresh.parent / "origin.git", "tag").split() == [BASE]
