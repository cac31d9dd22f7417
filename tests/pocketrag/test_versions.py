"""Releases and the way back, in a real git and DVC repository with a remote beside it: two models of one corpus."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pocketrag.errors import GateError, InputError, UncheckedError
from pocketrag.fallback import fallback
from pocketrag.files import digests
from pocketrag.release import release
from pocketrag.repository import Repository
from pocketrag.runtime import open_bundle
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import cli, make_data, make_recipe

pytest.importorskip("dvc")
BASE, TUNED = "v1.0-base", "v1.1-tuned"
OURS = {
    "out/tiny.dvc",
    "out/.gitignore",
    "versions/tiny/.gitignore",
    "versions/tiny/embeddings.npy.dvc",
    "versions/tiny/corpus.db.dvc",
    "versions/tiny/model.dvc",
}


def run(folder, *command):
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=True).stdout


def git(folder, *arguments):
    return run(folder, "git", *arguments)


def dvc(folder, *arguments):
    return run(folder, sys.executable, "-m", "dvc", *arguments)


def commit(folder, message="work"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make_repository(folder):
    """A repository as a team has it: the recipe and its data committed, work and bundles ignored, a remote for each half."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    dvc(folder, "init", "--quiet")
    dvc(folder, "remote", "add", "--quiet", "--default", "store", "../store")
    git(folder.parent, "init", "--quiet", "--bare", "--initial-branch", "main", "origin.git")
    git(folder, "remote", "add", "origin", "../origin.git")
    (folder / ".gitignore").write_text("work/\n*.report.json\n")
    (folder / "versions").mkdir()
    git(folder, "add", ".dvc", ".gitignore", "*.toml", "*.jsonl", "*.tsv")
    git(folder, "commit", "--quiet", "--message", "first")


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory):
    """Nothing of this machine's git or DVC settings."""
    with pytest.MonkeyPatch.context() as patch:
        elsewhere = tmp_path_factory.mktemp("settings")
        for name in ("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
            patch.setenv(name, str(elsewhere))
        for name in ("DVC_NO_ANALYTICS", "CI", "GIT_CONFIG_NOSYSTEM"):
            patch.setenv(name, "1")
        (elsewhere / "gitconfig").write_text("[user]\nname = Tester\nemail = tester@example.com\n")
        patch.setenv("GIT_CONFIG_GLOBAL", str(elsewhere / "gitconfig"))
        yield


@pytest.fixture(scope="module")
def before(tiny_built, tmp_path_factory) -> Path:
    """A built recipe in a repository, nothing released; `store` and `origin.git` lie beside it."""
    home = Path(shutil.copytree(tiny_built, tmp_path_factory.mktemp("before") / "home", symlinks=True))
    make_repository(home)
    return home


@pytest.fixture(scope="module")
def after(before, tmp_path_factory, tiny_bert) -> Path:
    """Two releases, base and tuned, both pushed."""
    home = copy(before, tmp_path_factory.mktemp("after"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        release(BASE, "tiny.toml", bundle="out/tiny", push=True)
        make_data(home, asked=3)
        recipe = make_recipe(home, tiny_bert, "lora")
        text = recipe.read_text().replace("learning_rate = 1e-3", 'learning_rate = 1e-7\naccept = "marginal"')
        recipe.write_text(text.replace('version = "0.1"', 'version = "0.2"'))
        done = cli("build", "tiny.toml", "--out", "out/tiny", cwd=home)
        assert done.returncode == 0, done.stderr[-2000:]
        commit(home)
        release(TUNED, "tiny.toml", bundle="out/tiny", push=True)
    return home


def copy(home, target):
    shutil.copytree(home.parent, target, dirs_exist_ok=True, symlinks=True)
    shutil.rmtree(target / home.name / ".dvc" / "tmp", ignore_errors=True)
    return target / home.name


@pytest.fixture
def fresh(before, tmp_path, monkeypatch):
    """A copy with nothing released, entered."""
    monkeypatch.chdir(copy(before, tmp_path))
    return Path.cwd()


@pytest.fixture
def two(after, tmp_path, monkeypatch):
    """A copy with both releases, entered; the tuned one lies in place."""
    monkeypatch.chdir(copy(after, tmp_path))
    return Path.cwd()


def state(home):
    """All that a command which refuses must leave alone."""
    data = {str(p): digests(home / p) for p in ("out/tiny", "versions")}
    return data, git(home, "log", "--all", "--format=%H %D"), git(home, "status", "--porcelain")


def model_of(home):
    return json.loads((home / "out" / "tiny" / "manifest.json").read_text())["model_id"]


def test_a_release_is_a_tag_with_pointers_and_no_data(two):
    for tag in (BASE, TUNED):
        listed = set(git(two, "show", "--name-only", "--format=", f"{tag}^{{commit}}").split())
        assert f"versions/{tag}.json" in listed and listed - {f"versions/{tag}.json"} <= OURS
        record = json.loads(git(two, "show", f"{tag}:versions/{tag}.json"))
        assert record["model_id"] in git(two, "tag", "-n1", "--list", tag)
        assert {n.split("/")[-1] for n in record["files"]} >= {"embeddings.npy", "corpus.db", "embedder.tflite", "manifest.json"}
        assert git(two, "cat-file", "-t", tag).strip() == "tag"
    assert git(two, "status", "--porcelain") == ""
    assert not [name for name in git(two, "ls-files").split() if name.endswith((".npy", ".db", ".tflite"))]


def test_a_tuned_release_keeps_its_float_embedder_and_a_base_one_does_not(two):
    names = [json.loads((two / f"versions/{tag}.json").read_text())["files"] for tag in (BASE, TUNED)]
    assert [any("/model/embedder/model.safetensors" in name for name in each) for each in names] == [False, True]


def test_there_and_back(two):
    tuned, head = state(two)[0], git(two, "rev-parse", "HEAD")
    newer = model_of(two)
    facts = fallback(BASE)
    assert facts["model_id"] == model_of(two) != newer and facts["ships"] == "base"
    assert git(two, "rev-parse", "HEAD") == head and "versions/tiny/model.dvc" in git(two, "status", "--porcelain")
    assert not (two / "versions" / "tiny" / "model" / "embedder").exists()
    assert dvc(two, "status", "--json").strip() == "{}"
    with open_bundle(two / "out" / "tiny") as rag:
        assert rag.search("what moves if king 0 meets rook", limit=1)
    assert fallback(TUNED)["model_id"] == newer and state(two)[0] == tuned
    assert git(two, "status", "--porcelain") == ""


def test_the_command_that_it_prints_makes_the_fallback_the_branchs_state(two):
    run(two, "bash", "-c", fallback(BASE)["next"])
    assert git(two, "status", "--porcelain") == "" and git(two, "diff", "--stat", BASE, "--", "versions/tiny", "out/tiny.dvc") == ""


def test_a_clone_gets_data_from_the_remote(two, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", "origin.git", "clone")
    monkeypatch.chdir(tmp_path / "clone")
    done = cli("fallback", BASE, "--json", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model_id"] == model_of(Path.cwd())
    assert cli("search", "out/tiny", "what moves if king 0 meets rook", cwd=Path.cwd()).returncode == 0


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


def uncommit(name):
    def damage(home):
        git(home, "rm", "--quiet", "--cached", name)
        git(home, "commit", "--quiet", "--message", "without")

    return damage


REFUSED = {
    "no git": (outside_git, {}, "no git repository.*git init"),
    "no dvc": (lambda home: shutil.rmtree(home / ".dvc"), {}, "no DVC repository.*dvc init"),
    "changed questions": (lambda home: (home / "qrels.tsv").open("a").write("\n"), {}, r"1 tracked files.*qrels\.tsv.*commit"),
    "passages not in git": (uncommit("corpus.jsonl"), {}, r"corpus\.jsonl: the corpus is not committed"),
    "recipe not in git": (uncommit("tiny.toml"), {}, r"tiny\.toml: the recipe is not committed"),
    "no dvc remote": (lambda home: (dvc(home, "remote", "remove", "store"), commit(home)), {"push": True}, "DVC has no default"),
    "no git remote": (lambda home: git(home, "remote", "remove", "origin"), {"push": True}, "no git remote `origin`"),
    "a tag of others": (lambda home: git(home, "tag", BASE), {}, r"not made by `pocketrag release`"),
    "not built from the recipe": (change_version, {}, r"made from another `version`.*index"),
    "no bundle": (lambda home: None, {"bundle": "out/none"}, "not a bundle"),
    "a bundle outside": (lambda home: shutil.copytree("out/tiny", "../tiny"), {"bundle": "../tiny"}, "lies outside the repository"),
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


def test_an_interrupted_fallback_puts_back_what_was_there(two, monkeypatch):
    before = state(two)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pocketrag.record.prove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
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
        InputError, match=r"corpus\.jsonl: not the passages that v1\.0-base was built from.*git checkout v1\.0-base"
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
        stored.chmod(0o444 if how == "changed" else 0o644)  # DVC trusts what is read-only, and looks at the rest
    seen = (GateError, r"embeddings\.npy: not what") if how == "changed" else (InputError, "neither in the DVC cache|dvc fetch")
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
    with pytest.raises(GateError, match=r"v3 released the model 'tiny-0\.1"):
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
    with pytest.raises(InputError, match="made by the model 'tiny-0.1" if swap == "corpus.db" else "is 'tiny-0.2.*Build it again"):
        open_bundle(mixed)
    asked = {("verify", mixed): 1, ("search", mixed, "who moves?"): 2, ("search", mixed, "who?", "--mode", "bm25"): 2}
    for arguments, code in {**asked, ("evaluate", mixed, *data): 2}.items():
        done = cli(*arguments, cwd=two)
        assert done.returncode == code and "Traceback" not in done.stderr, (arguments, done.stderr)
