"""Bundles that lie as plain files are opened there; digests are compared once; and installations that are cancelled, or two at once."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bench.damage import put_digests_right
from tests.gradle_bundle import jvm

pytestmark = pytest.mark.usefixtures("kotlin")


@pytest.fixture
def pack(tiny_bundle, tmp_path):
    """A pack's folder of assets with the bundle in it; returns the bundle's folder."""
    return shutil.copytree(tiny_bundle, tmp_path / "pack" / "pocketrag" / "tiny")


def size(bundle):
    return sum(row["bytes"] for row in json.loads((bundle / "manifest.json").read_text())["files"].values())


def steps(folder, root, *names, **more):
    """Return a task of `inPlace`, and what it must give: (step, result) pairs."""
    task = {"folder": folder, "root": root, "steps": [name for name, _ in names], "vectors": [], **more}
    return ("in_place", task), [result for _, result in names]


def check(*rows):
    found = jvm.run(*(task for task, _ in rows))
    assert found == [wanted for _, wanted in rows]


def test_a_pack_is_not_copied_and_its_digests_are_compared_once(pack, tmp_path):
    root = tmp_path / "private"
    check(steps(pack, root, ("pack", "opened"), ("search", 10), ("kept", 0), ("close", "closed")))
    # Another process: what the stamp tells of is not read again, what was touched is.
    check(
        steps(
            pack,
            root,
            ("flip", "flipped"),
            ("open", "opened"),
            ("close", "closed"),
            ("touch", True),
            ("open", "CorruptFileException"),
        )
    )


def test_after_a_full_disk_the_version_before_opens(pack, tmp_path):
    """In place, and it stays; halves of others are none."""
    root = tmp_path / "private"
    check(steps(pack, root, ("copy", size(pack))))
    (full,) = jvm.run(("install", {"source": updated(pack, tmp_path), "root": root, "free": 0}))
    assert full["type"] == "DiskFullException"
    for name in ("newer.part", "older.gone"):
        (root / "tiny" / name).mkdir()
        (root / "tiny" / name / "manifest.json").write_text("{}")
    opened = ("earlier", "opened")
    check(steps(pack, root, opened, ("search", 10), ("kept", copies(pack) + 2), ("close", "closed"), opened))


def test_a_copy_that_is_open_stays_when_the_bundle_is_opened_elsewhere(pack, tmp_path):
    before = steps(pack, tmp_path / "a", ("assets", "opened"), ("selftest of assets", 10))[0]
    ((_, checks),) = jvm.run(before)
    check(
        steps(
            pack, tmp_path / "b",
            ("assets", "opened"), ("open", "opened"), ("kept", copies(pack)), ("selftest of assets", checks), ("close", "closed"),
            ("close assets", "closed"), ("open", "opened"), ("kept", 0), ("search", 10),
        )
    )  # fmt: skip


def copies(bundle):
    """Return how many files a copy has: those that the manifest lists, and itself."""
    return len(json.loads((bundle / "manifest.json").read_text())["files"]) + 1


def updated(bundle, folder):
    """Return another version of the bundle."""
    other = shutil.copytree(bundle, folder / "update")
    (other / "NOTICE").write_text("changed")
    put_digests_right(other)
    return other


def test_digests_at_every_opening_or_never(pack, tmp_path):
    always = steps(
        pack, tmp_path / "a", ("open", "opened"), ("close", "closed"), ("flip", "flipped"), ("open", "CorruptFileException"),
        digests="always",
    )  # fmt: skip
    never = steps(pack, tmp_path / "b", ("open", "opened"), ("search", 10), digests="never")
    check(always, never)


def test_a_full_disk_does_not_matter_where_nothing_is_copied(pack, tmp_path):
    """The stamp can't be written: it holds for the process, and the next one reads the files again."""
    root = tmp_path / "private"
    check(steps(
        pack, root, ("open", "opened"), ("close", "closed"), ("fill", True), ("touch", True), ("open", "opened"), ("search", 10),
        ("close", "closed"), ("flip", "flipped"), ("open", "opened"),
    ))  # fmt: skip
    check(steps(pack, root, ("open", "CorruptFileException")))


def test_a_pack_that_is_removed_while_it_is_open(pack, tmp_path):
    check(steps(
        pack, tmp_path / "private", ("open", "opened"), ("search", 10), ("remove", True), ("search", 10),
        ("selftest", "UnreadableBundleException"), ("search", 10), ("close", "closed"), ("open", "MissingBundleException"),
    ))  # fmt: skip


def test_a_copy_that_is_no_longer_needed_goes(pack, tmp_path):
    whole = len(json.loads((pack / "manifest.json").read_text())["files"]) + 1
    check(
        steps(
            pack, tmp_path / "private", ("copy", size(pack)), ("kept", whole), ("open", "opened"), ("kept", 0)
        )
    )


def test_an_installation_tells_how_far_it_is(tiny_bundle, tmp_path):
    root, total = tmp_path / "private", size(tiny_bundle)
    task = {"source": tiny_bundle, "root": root, "vectors": []}
    first, again, place, missing = jvm.run(
        ("installation", task), ("installation", task), ("installation", {**task, "in_place": True}),
        ("installation", {**task, "source": tmp_path / "nothing"}),
    )  # fmt: skip
    assert first["end"] == "" and first["states"][-1] == ["done", total]
    copied = [row for row in first["states"] if row[0] == "copying"]
    # States that come faster than they are collected are left out, never the last.
    assert all(row[2] == total for row in copied) and copied == sorted(copied)
    assert again["states"][-1] == place["states"][-1] == ["done", 0]
    assert missing["end"] == "MissingBundleException"


def test_a_cancelled_installation_goes_on_where_it_stopped(tiny_bundle, tmp_path):
    root, total = tmp_path / "private", size(tiny_bundle)
    task = {"source": tiny_bundle, "root": root, "vectors": []}
    stopped, after = jvm.run(("installation", {**task, "cancel_at": total // 2}), ("installation", task))
    assert stopped["states"][-1][0] == "copying" and stopped["states"][-1][1] < total
    assert not [path for path in (root / "tiny").iterdir() if path.suffix == ".part"]
    assert 0 < after["states"][-1][1] < total


def test_two_processes_that_install_at_once(tiny_bundle, tmp_path):
    """One copies, the other waits for it and finds all there."""
    task = {"source": tiny_bundle, "root": tmp_path / "private", "pause": 20, "vectors": []}
    with ThreadPoolExecutor(2) as pool:
        copied = [row for (row,) in pool.map(lambda _: jvm.run(("two_openings", task)), range(2))]
    assert sorted(copied) == [0, size(tiny_bundle)]
