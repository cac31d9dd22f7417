"""A model-only update on the phone: completed from the installed version, or refused with that version whole."""

import itertools
import json
import shutil

import pytest

from tests.bench.damage import next_version, put_digests_right, sql
from tests.gradle_bundle import jvm
from tests.verbs import update

pytestmark = pytest.mark.usefixtures("kotlin")


@pytest.fixture
def versions(tiny_bundle, tmp_path):
    """A bundle and two later versions with the same passages."""
    return [
        tiny_bundle,
        *(next_version(shutil.copytree(tiny_bundle, tmp_path / name), name) for name in ("0.2", "0.3")),
    ]


@pytest.fixture
def updates(versions, tmp_path):
    """The updates between them, as the verb writes them."""
    for n, (old, new) in enumerate(itertools.pairwise(versions)):
        update(str(old), str(new), out=str(tmp_path / f"update{n}"))
    return [tmp_path / "update0", tmp_path / "update1"]


def installation(source, root, **more):
    return ("install", {"source": source, "root": root, **more})


def same(installed, bundle):
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    return all((installed / name).read_bytes() == (bundle / name).read_bytes() for name in files)


def test_two_updates_in_a_row(versions, updates, tmp_path):
    root = tmp_path / "private"
    assert not (updates[0] / "corpus.db").exists()
    rows = jvm.run(
        installation(versions[0], root), *(installation(folder, root, real=True) for folder in updates)
    )
    for row, wanted in zip(rows, versions, strict=True):
        assert row.get("copied") == sum(
            file["bytes"] for file in json.loads((wanted / "manifest.json").read_text())["files"].values()
        ), row
        assert len(row["left"]) == 1
    assert same(root / "tiny" / rows[-1]["left"][0], versions[-1])
    (again,) = jvm.run(installation(updates[1], root))
    assert again["copied"] == 0
    task = {"source": updates[1], "root": root, "requests": [{"question": "king 0", "mode": "bm25"}]}
    assert jvm.run(("reopened", {**task, "vectors": []})) == [[10]]


def test_a_folder_with_an_update_is_completed_and_not_opened_in_place(versions, updates, tmp_path):
    root = tmp_path / "private"
    steps = ["open", "search", "close", "kept", "remove", "earlier", "search"]
    _, rows = jvm.run(
        installation(versions[0], root),
        ("in_place", {"folder": renamed(updates[0]), "root": root, "steps": steps, "vectors": []}),
    )
    files = len(json.loads((versions[1] / "manifest.json").read_text())["files"]) + 1
    assert rows == ["opened", 10, "closed", files, True, "opened", 10]


def renamed(folder):
    """A folder that bears its bundle's name, as the step `earlier` asks."""
    return shutil.copytree(folder, folder.parent / "given" / "tiny")


@pytest.mark.parametrize("damage", ["flipped", "cut", "longer", "empty"])
def test_a_damaged_file_in_it(versions, updates, tmp_path, damage):
    root = tmp_path / "private"
    first, bad, after = jvm.run(
        installation(versions[0], root),
        installation(updates[0], root, name="embedder.tflite", damage=damage), installation(updates[0], root),
    )  # fmt: skip
    assert bad["type"] == "CorruptFileException" and "embedder.tflite" in bad["message"]
    assert first["left"][0] in bad["left"] and same(root / "tiny" / after["left"][0], versions[1])


def test_for_another_corpus(versions, updates, tmp_path):
    root, other = tmp_path / "private", shutil.copytree(versions[0], tmp_path / "other")
    sql(other, "UPDATE chunks SET text = 'another' WHERE n = 1")
    put_digests_right(other)
    first, bad, whole = jvm.run(
        installation(other, root), installation(updates[0], root), installation(versions[1], root)
    )
    assert bad["type"] == "MismatchException" and "corpus.db is not in" in bad["message"]
    assert "for another corpus" in bad["message"] and "ship the whole bundle" in bad["message"]
    assert first["left"][0] in bad["left"] and len(whole["left"]) == 1


def test_the_installed_passages_are_damaged(versions, updates, tmp_path):
    root = tmp_path / "private"
    (first,) = jvm.run(installation(versions[0], root))
    database = root / "tiny" / first["left"][0] / "corpus.db"
    data = bytearray(database.read_bytes())
    data[5000] ^= 1
    database.write_bytes(data)
    (bad,) = jvm.run(installation(updates[0], root))
    assert bad["type"] == "CorruptFileException" and bad["message"].startswith(f"{database}: not the file")
    database.write_bytes(data[:-1])
    cut, mended, after = jvm.run(
        installation(updates[0], root), installation(versions[0], root), installation(updates[0], root)
    )
    assert cut["type"] == "MismatchException" and "damaged" in cut["message"]
    assert mended["left"] == first["left"] and same(root / "tiny" / after["left"][0], versions[1])


def test_without_an_earlier_version(updates, tmp_path):
    asset, (place,) = jvm.run(
        installation(updates[0], tmp_path / "private"),
        ("in_place", {"folder": updates[0], "root": tmp_path / "none", "steps": ["open"], "vectors": []}),
    )
    assert asset["type"] == place == "MissingBundleException"
    assert (
        "is missing (a model-only update needs an installed version, and there is none)" in asset["message"]
    )


def test_every_operation_fails_once_in_every_way(versions, updates, tmp_path):
    (found,) = jvm.run(("faults", {"before": versions[0], "after": updates[0], "root": tmp_path / "private"}))
    assert found["operations"] > 60
    for row in found["rows"]:
        assert row["whole"] and row["versions"], row  # a version, and each of them whole
        assert row["end"] and len(row["left"]) == 1, row  # the next try ends well, and tidies up
        if row["fault"] in ("ONCE", "FULL") and isinstance(row["outcome"], dict):
            wanted = "DiskFullException" if row["fault"] == "FULL" else "InstallException"
            assert row["outcome"]["type"] == wanted, row
        assert row["fault"] != "FULL" or row["kept"] == 0, row
    assert any(row["kept"] > 0 for row in found["rows"] if row["outcome"] == "killed")


def test_no_room(versions, updates, tmp_path):
    root = tmp_path / "private"
    first, full = jvm.run(installation(versions[0], root), installation(updates[0], root, free=2**20))
    assert full["type"] == "DiskFullException" and full["left"] == first["left"]
