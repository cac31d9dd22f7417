"""What is made anew, what is not, and what is asked for: the machinery on stages of the test's own."""

import json
import shutil

import pytest

from pocketrag.cli.verbs import VERBS
from pocketrag.errors import InputError
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import WITH_SOURCE, exists, find, need, run
from pocketrag.pipeline.stage import After
from pocketrag.pipeline.stages import STAGES
from tests.conftest import make_recipe
from tests.pocketrag.pipeline import tables


@pytest.fixture
def stages(data, monkeypatch):
    """Two stages, "first" and "second", that count their runs; and what reads the recipe anew, as each command does."""
    ran = []

    def make(job):
        ran.append(job.ref.name)
        (job.out / "result").write_text(f"{job.settings} of {sorted(job.inputs)}")
        return tables.Anything(runs=len(ran))

    file = make_recipe(data, data)
    tables.use(
        monkeypatch,
        {"first": make, "second": make},
        first={"data": ("corpus",), "settings": ("version",)},
        second={"after": (After("first"),), "settings": ("train.epochs", "longest"), "sourced": True},
    )
    return lambda: Project.read(str(file), work=str(data / "work")), file, ran


def edit(file, old, new):
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_stage_runs_once_and_again_only_on_change(stages, data):
    project, file, ran = stages
    first, again = run(project(), "first"), run(project(), "first")
    assert (
        first.ran and not again.ran and again.digest == first.digest and again.facts.as_json() == {"runs": 1}
    )
    edit(file, 'version = "0.1"', 'version = "0.2"')
    assert run(project(), "first").ran
    edit(data / "corpus.jsonl", "king", "kaiser")
    assert run(project(), "first").ran and ran == ["first"] * 3


def test_a_setting_that_a_stage_does_not_name_changes_nothing(stages):
    project, file, _ = stages
    run(project(), "first")
    edit(file, "epochs = 1", "epochs = 2")
    assert not run(project(), "first").ran


def test_another_version_trains_nothing_again():
    """It is raised for each release; a tuned model's students would be trained for hours."""
    assert [name for name, spec in STAGES.items() if "version" in spec.settings] == ["npu", "pack"]


def test_other_code_makes_a_stage_anew_and_is_no_reason_to_refuse_it(stages, monkeypatch):
    project, _, _ = stages
    run(project(), "first")
    tables.set_code(monkeypatch, "2")
    assert need(project(), "first").digest == find(project(), "first").digest
    assert run(project(), "first").ran


def test_an_earlier_stage_that_comes_out_the_same_runs_nothing_after_it(stages, monkeypatch):
    project, _, _ = stages
    run(project(), "first")
    run(project(), "second", "base")
    tables.set_code(monkeypatch, "2")
    assert run(project(), "first").ran
    tables.set_code(monkeypatch, "1")
    assert not run(project(), "second", "base").ran


def test_each_source_has_a_folder_of_its_own(stages, data):
    project, _, ran = stages
    run(project(), "first")
    for source in ("base", "tuned"):
        assert run(project(), "second", source).folder == data / "work" / "tiny" / f"second-{source}"
    assert ran == ["first", "second", "second"] and not exists(project(), "second")


@pytest.mark.parametrize("damage", ["change", "remove", "add", "manifest"])
def test_a_damaged_stage_is_made_again(stages, damage):
    project, _, _ = stages
    folder = run(project(), "first").folder
    file = folder / {"add": "more", "manifest": "manifest.json"}.get(damage, "result")
    file.unlink() if damage == "remove" else file.write_text("{}")
    assert not exists(project(), "first") and find(project(), "first") is None
    assert run(project(), "first").ran


@pytest.mark.parametrize(
    "key", [None, [1], "x", {}, {"inputs": 3, "settings": {}}, {"inputs": {}, "settings": None}]
)
def test_a_stage_whose_key_is_not_one_is_made_again(stages, key):
    project, _, _ = stages
    manifest = run(project(), "first").folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "key": key}))
    assert find(project(), "first") is None
    with pytest.raises(InputError, match="first: not there or damaged"):
        need(project(), "first")
    assert run(project(), "first").ran


def test_what_to_run_is_said_with_the_options_that_were_given(data):
    make_recipe(data, data)
    project = Project.read(str(data / "tiny.toml"), work=str(data / "my work"), base="DIR")
    assert project.command("index", "--source", "base") == (
        f"pocketrag index {data / 'tiny.toml'} --source base --work '{data / 'my work'}' --base DIR"
    )
    assert Project.read(str(data / "tiny.toml")).command("build") == f"pocketrag build {data / 'tiny.toml'}"


def test_the_verbs_that_take_a_source_are_known():
    taking = {verb.name for verb in VERBS if any(option.name == "--source" for option in verb.options)}
    assert {name for name in taking if name in STAGES} == set(WITH_SOURCE)


def test_a_missing_stage_says_what_to_run(stages):
    project, _, _ = stages
    with pytest.raises(
        InputError,
        match=r"first: not there or damaged; run `pocketrag first .*tiny\.toml --work .*` first, or",
    ):
        run(project(), "second", "base")
    with pytest.raises(InputError, match="run `pocketrag first"):
        need(project(), "second", "base")
    assert find(project(), "second", "base") is None


def test_a_stage_of_other_settings_is_named(stages):
    project, file, _ = stages
    run(project(), "first")
    run(project(), "second", "base")
    edit(file, "epochs = 1", "epochs = 2")
    with pytest.raises(
        InputError, match=r"made from another `train\.epochs`; run `pocketrag second .* again, or `build`"
    ):
        need(project(), "second", "base")
    edit(file, 'version = "0.1"', 'version = "0.2"')
    with pytest.raises(InputError, match="made from another `version`"):
        need(project(), "second", "base")


def test_a_stage_that_fails_leaves_the_earlier_one(stages, monkeypatch):
    project, file, _ = stages
    before = run(project(), "first")

    def fail(job):
        (job.out / "half").write_text("")
        raise InputError("no")

    tables.use(monkeypatch, {"first": fail}, first={"data": ("corpus",), "settings": ("version",)})
    edit(file, 'version = "0.1"', 'version = "0.2"')
    with pytest.raises(InputError, match="no"):
        run(project(), "first")
    assert sorted(path.name for path in before.folder.iterdir()) == ["manifest.json", "result"]
    edit(file, 'version = "0.2"', 'version = "0.1"')
    assert not run(project(), "first").ran


def test_checkpoints_outlive_an_interrupted_run_of_the_same_key_only(data, monkeypatch):
    file = make_recipe(data, data)
    fails = [True]

    def make(job):
        folder = job.checkpoints()
        found = (folder / "half").exists()
        (folder / "half").write_text("")
        if fails[0]:
            raise KeyboardInterrupt
        return tables.Anything(went_on=found)

    tables.use(monkeypatch, {"long": make}, long={"settings": ("version",)})

    def again():
        return run(Project.read(str(file), work=str(data / "work")), "long")

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            again()
    edit(file, 'version = "0.1"', 'version = "0.2"')
    with pytest.raises(KeyboardInterrupt):
        again()
    fails[0] = False
    assert (
        again().facts.as_json() == {"went_on": True}
        and not (data / "work" / "tiny" / "long-checkpoints").exists()
    )
    shutil.rmtree(data / "work" / "tiny" / "long")
    assert again().facts.as_json() == {"went_on": False}


def test_a_process_that_is_not_the_first_writes_nothing(stages, data, monkeypatch):
    project, _, ran = stages
    monkeypatch.setenv("RANK", "1")
    assert run(project(), "first").facts.as_json() == {"runs": 1} and ran == ["first"]
    assert not (data / "work" / "tiny" / "first").exists()


def test_an_optional_stage_is_read_where_it_is_there(data, monkeypatch):
    file, seen = make_recipe(data, data), []

    def make(job):
        seen.append(sorted(job.inputs))
        return tables.Anything()

    tables.use(
        monkeypatch,
        {"one": make, "two": make},
        one={"settings": ("version",)},
        two={"after": (After("one", optional=True),)},
    )

    def project():
        return Project.read(str(file), work=str(data / "work"))

    run(project(), "two")
    run(project(), "one")
    run(project(), "two")
    edit(file, 'version = "0.1"', 'version = "0.2"')  # what is there is not of this recipe any more
    run(project(), "two")
    assert seen == [[], [], ["one"], []]


def test_facts_are_kept_as_they_were_returned(stages, data):
    project, _, _ = stages
    run(project(), "first")
    kept = json.loads((data / "work" / "tiny" / "first" / "manifest.json").read_text())
    assert (
        kept["facts"] == {"runs": 1}
        and kept["key"]["settings"] == {"version": "0.1"}
        and set(kept["outputs"]) == {"result"}
    )
