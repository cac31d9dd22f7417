"""Updates on the phone: applied beside, proved, switched to between two searches, remembered, and taken back."""

import json
import shutil

import pytest

from tests import deltas as deltas_of_python
from tests.bench.damage import edit_json, put_digests_right, rename_bundle
from tests.gradle_bundle import delta_maker, jvm
from tests.gradle_bundle.updated_bundles import later, same_model, task

pytestmark = pytest.mark.usefixtures("kotlin")

RECORD = ".updates/tiny/record.json"


@pytest.fixture
def bundles(tiny_bundle, tmp_path):
    """A bundle and two later versions."""
    one = later(tiny_bundle, tmp_path / "0.2", "0.2")
    return [tiny_bundle, one, later(one, tmp_path / "0.3", "0.3")]


@pytest.fixture
def deltas(bundles, tmp_path):
    """Deltas between them, as files' paths: from each to the next, and from the first to the last."""
    first, second, third = bundles
    rows = {"0.2": (first, second), "0.3": (second, third), "0.1-0.3": (first, third)}
    return {name: delta_maker.delta(*row, tmp_path / f"{name}.ragdelta") for name, row in rows.items()}


def by(*files, **more):
    return {"files": [str(file) for file in files], **more}


def model_id(bundle):
    return json.loads((bundle / "manifest.json").read_text())["model_id"]


def version(bundle):
    return json.loads((bundle / "manifest.json").read_text())["version"]


def run(bundle, root, *steps, **more):
    (found,) = jvm.run(task(bundle, root, steps, **more))
    return found


def installed(root, n):
    return root / ".updates" / "tiny" / str(n)


def same(folder, bundle):
    files = [*json.loads((bundle / "manifest.json").read_text())["files"], "manifest.json"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    return all((folder / name).read_bytes() == (bundle / name).read_bytes() for name in files)


@pytest.mark.parametrize("in_place", [False, True])
def test_an_update_answers_at_once_and_after_a_restart(bundles, deltas, tmp_path, in_place):
    root, (first, second, _) = tmp_path / "private", bundles
    before, states, after, *_, reopened = run(
        first, root, ("open",), ("ask", "king 0"), ("update", by(deltas["0.2"])), ("ask", "king 0"), ("close",), ("open",), ("ask", "king 0"),
        in_place=in_place,
    )[1:]  # fmt: skip
    assert states[0] in ("checking", "applying") and states[-1] == "installed 0.2"
    assert before[:2] == [version(first), model_id(first)]
    assert after == ["0.2", model_id(second), "full", f"later {before[3]}"]
    assert reopened == after
    # Byte for byte the new bundle, and another process opens it too.
    assert same(installed(root, 1), second)
    assert run(first, root, ("open",), ("version",), in_place=in_place)[1] == "0.2"


def test_two_updates_and_one_chain(bundles, deltas, tmp_path):
    root = tmp_path / "private"
    found = run(
        bundles[0],
        root,
        ("open",),
        ("update", by(deltas["0.2"])),
        ("update", by(deltas["0.3"])),
        ("ask", "king 0"),
        ("left",),
    )
    assert found[1][-1] == "installed 0.2" and found[2][-1] == "installed 0.3" and found[3][0] == "0.3"
    # Of the app's own no copy is left: two versions are kept, not three.
    assert same(installed(root, 2), bundles[2]) and same(installed(root, 1), bundles[1])
    assert not [name for name in found[4] if name.startswith("tiny/")]
    chained = run(
        bundles[0],
        tmp_path / "other",
        ("open",),
        ("update", by(deltas["0.2"], deltas["0.3"])),
        ("rollback",),
        ("version",),
    )
    assert chained[1][-1] == "installed 0.3" and chained[2:] == [version(bundles[0])] * 2


def test_a_model_that_stays_and_one_file_that_changes_its_name(tiny_bundle, tmp_path):
    new = same_model(tiny_bundle, tmp_path / "new", "0.2")
    spec, entries = delta_maker.described(tiny_bundle, new)
    assert spec["files"]["embedder.tflite"]["how"] == "same" and spec["files"]["corpus.db"]["how"] == "patch"
    assert sum(map(len, entries.values())) < (new / "corpus.db").stat().st_size
    file = delta_maker.packed(spec, entries, tmp_path / "d")
    root = tmp_path / "private"
    assert run(tiny_bundle, root, ("open",), ("update", by(file)))[1][-1] == "installed 0.2"
    assert same(installed(root, 1), new)


@pytest.mark.parametrize("change", deltas_of_python.CHANGES, ids=str)
def test_deltas_of_the_desktop(tiny_bundle, tmp_path, change):
    made = deltas_of_python.make_deltas(
        tiny_bundle, tmp_path / "made", change=deltas_of_python.CHANGES[change]
    )
    root = tmp_path / "private"
    found = run(made.old, root, ("open",), ("update", by(made.delta)), ("version",), key=made.public)
    assert found[1][-1] == "installed 0.2" and found[2] == "0.2" and same(installed(root, 1), made.new)


def test_a_stream_is_copied_first_and_bounded(bundles, deltas, tmp_path):
    size = deltas["0.2"].stat().st_size
    root = tmp_path / "private"
    found = run(
        bundles[0], root, ("open",), ("update", by(deltas["0.2"], stream=True, limit=size - 1)), ("left",),
        ("update", by(deltas["0.2"], stream=True, limit=size)), ("left",), ("version",),
    )  # fmt: skip
    assert found[1].startswith("TOO_LARGE: ") and not [name for name in found[2] if "incoming" in name]
    assert (
        found[3][-1] == "installed 0.2"
        and not [name for name in found[4] if "incoming" in name]
        and found[5] == "0.2"
    )


def test_rollback_is_remembered_and_the_version_is_not_installed_again(bundles, deltas, tmp_path):
    root, old = tmp_path / "private", version(bundles[0])
    found = run(
        bundles[0], root, ("open",), ("rollback",), ("update", by(deltas["0.2"])), ("rollback",), ("ask", "king 0"), ("left",), ("close",),
        ("open",), ("version",), ("update", by(deltas["0.2"])), ("update", by(deltas["0.1-0.3"])), ("version",),
    )  # fmt: skip
    assert found[1].startswith("NOTHING_BEFORE: ")
    assert found[3] == old and found[4][:2] == [old, model_id(bundles[0])]
    assert [name for name in found[5] if name.startswith(".updates/tiny/")] == [RECORD]
    assert found[8] == old and found[9].startswith("ROLLED_BACK: version 0.2 was left by a rollback")
    assert found[10][-1] == "installed 0.3" and found[11] == "0.3"
    again = run(
        bundles[0], root, ("open",), ("rollback",), ("update", by(deltas["0.2"], downgrade=True)), ("rollback",), ("rollback",), ("version",),
    )  # fmt: skip
    assert again[1] == old and again[2][-1] == "installed 0.2" and again[3] == old
    assert again[4].startswith("NOTHING_BEFORE: ") and again[5] == old


def test_rollback_to_an_update(bundles, deltas, tmp_path):
    root = tmp_path / "private"
    steps = [
        ("open",),
        ("update", by(deltas["0.2"])),
        ("update", by(deltas["0.3"])),
        ("rollback",),
        ("version",),
        ("left",),
    ]
    found = run(bundles[0], root, *steps)
    assert found[3:5] == ["0.2", "0.2"] and not [
        name for name in found[5] if name.startswith(".updates/tiny/2/")
    ]
    assert run(bundles[0], root, ("open",), ("version",), ("rollback",), ("version",))[1:] == [
        "0.2", "NOTHING_BEFORE: there is no version to go back to. What was installed stays.", "0.2",
    ]  # fmt: skip
    # The app brings the very build that was left: it is not opened, a newer one is.
    assert run(bundles[2], root, ("open",), ("version",))[1] == "0.2"
    newer = later(bundles[2], tmp_path / "0.4", "0.4")
    found = run(newer, root, ("open",), ("version",), ("left",))
    assert found[1] == "0.4" and [name for name in found[2] if name.startswith(".updates/tiny/")] == [RECORD]


def test_what_the_app_brings_is_opened_where_it_is_newer(bundles, deltas, tmp_path):
    root, old = tmp_path / "private", version(bundles[0])
    found = run(
        bundles[0], root, ("open",), ("update", by(deltas["0.2"])), ("close",), ("source", bundles[2]), ("open",), ("version",), ("left",),
        ("rollback",), ("close",), ("source", bundles[0]), ("open",), ("version",),
    )  # fmt: skip
    assert found[5] == "0.3" and [name for name in found[6] if name.startswith(".updates/tiny/")] == [RECORD]
    assert found[7].startswith("NOTHING_BEFORE: ") and found[11] == old
    # An app that brings an older one, or the same version in another build.
    older = run(
        bundles[1],
        tmp_path / "b",
        ("open",),
        ("update", by(deltas["0.3"])),
        ("close",),
        ("source", bundles[0]),
        ("open",),
        ("version",),
    )
    assert older[-1] == "0.3"
    rebuilt = shutil.copytree(bundles[1], tmp_path / "rebuilt")
    (rebuilt / "NOTICE").write_text("rebuilt")
    put_digests_right(rebuilt)
    found = run(
        bundles[0],
        tmp_path / "c",
        ("open",),
        ("update", by(deltas["0.2"])),
        ("close",),
        ("source", rebuilt),
        ("open",),
        ("version",),
        ("left",),
    )
    assert found[5] == "0.2" and not [name for name in found[6] if name.startswith(".updates/tiny/1")]


def test_going_back_by_a_delta_is_asked_for_and_outlives_a_restart(bundles, tmp_path):
    root, back = tmp_path / "private", delta_maker.delta(bundles[1], bundles[0], tmp_path / "back.ragdelta")
    old = version(bundles[0])
    found = run(
        bundles[1],
        root,
        ("open",),
        ("update", by(back)),
        ("update", by(back, downgrade=True)),
        ("close",),
        ("open",),
        ("version",),
    )
    assert (
        found[1].startswith(f"NOT_NEWER: version {old} is no newer than 0.2")
        and found[2][-1] == f"installed {old}"
        and found[5] == old
    )


def test_updates_at_once_while_questions_are_asked(bundles, deltas, tmp_path):
    (found,) = jvm.run(
        task(bundles[0], tmp_path / "private", [("open",), ("updates at once", [by(deltas["0.2"]), by(deltas["0.1-0.3"])]), ("version",), ("ask", "king 0")])
    )  # fmt: skip
    ends = sorted(found[1])
    assert ends[1].startswith("installed ") and ends[0].startswith(
        ("BUSY: another update", "NOT_NEWER", "OTHER_BASE")
    ), ends
    assert found[2] == ends[1].split()[1] == found[3][0]


def test_damage_of_an_update_falls_back_to_the_version_before(bundles, deltas, tmp_path):
    root, old = tmp_path / "private", version(bundles[0])
    run(bundles[0], root, ("open",), ("update", by(deltas["0.2"])), ("update", by(deltas["0.3"])))
    (installed(root, 2) / "corpus.db").write_bytes(b"x")
    found = run(bundles[0], root, ("open",), ("version",), ("update", by(deltas["0.3"])), ("version",))
    assert found[1] == "0.2" and found[2][-1] == "installed 0.3" and found[3] == "0.3"
    for folder in (root / ".updates" / "tiny").iterdir():
        if folder.is_dir():
            (folder / "manifest.json").write_text("{}")
    found = run(bundles[0], root, ("open",), ("version",), ("update", by(deltas["0.2"])), ("version",))
    assert found[1] == old and found[2][-1] == "installed 0.2" and found[3] == "0.2"
    (root / RECORD).write_text("{")
    assert run(bundles[0], root, ("open",), ("version",))[1] == old


def test_what_is_installed_is_found_without_its_source(bundles, deltas, tmp_path):
    root = tmp_path / "private"
    (text,) = run(bundles[0], root, ("open",), ("update", by(deltas["0.2"])), ("installed", "tiny"))[2:]
    assert json.loads(text)["version"] == "0.2"
    folder = installed(root, 1)
    assert (
        run(folder, root, ("open",), ("version",), ("left",), in_place=True)[1] == "0.2" and folder.exists()
    )


def test_a_new_version_that_does_not_pass_on_this_phone(bundles, tmp_path):
    bad = shutil.copytree(bundles[1], tmp_path / "bad")
    edit_json(
        bad / "golden.json",
        lambda golden: [text.update(shipped=golden["texts"][0]["shipped"]) for text in golden["texts"]],
    )
    put_digests_right(bad)
    delta = delta_maker.delta(bundles[0], bad, tmp_path / "bad.ragdelta")
    root = tmp_path / "private"
    found = run(bundles[0], root, ("open",), ("update", by(delta)), ("ask", "king 0"), ("left",))
    assert found[1].startswith("SELF_TEST: the new version does not pass on this phone: full, cosine: ")
    assert found[2][0] == version(bundles[0]) and not [
        name for name in found[3] if name.startswith(".updates/tiny/")
    ]


def test_one_of_two_bundles_that_are_searched_together(tiny_bundle, tmp_path):
    """The second one, its passages alone: a model of its own would be another than the first one's."""
    other = rename_bundle(shutil.copytree(tiny_bundle, tmp_path / "other"), "other")
    new = same_model(other, tmp_path / "new", "0.2")
    files = [
        delta_maker.delta(other, bundle, tmp_path / bundle.name / "d.ragdelta")
        for bundle in (new, later(other, tmp_path / "moved", "0.3"))
    ]
    root, old = tmp_path / "private", version(tiny_bundle)
    found = run(
        tiny_bundle, root, ("open",), ("update", by(files[1])), ("update", by(files[0])), ("version",), ("left",), ("rollback",),
        ("rollback", "other"), ("left",), beside=[str(other)],
    )  # fmt: skip
    assert (
        "was made by another model than" in found[1] and found[2][-1] == "installed 0.2" and found[3] == old
    )
    assert ".updates/other/2/corpus.db" in found[4] or ".updates/other/1/corpus.db" in found[4]
    assert found[5].startswith("NOTHING_BEFORE: ") and found[6] == version(other)
    assert [name for name in found[7] if name.startswith(".updates/other/")] == [".updates/other/record.json"]
