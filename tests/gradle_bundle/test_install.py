"""The installer: whole or not there, whatever fails at whichever operation; and a second try copies only the rest."""

import json
import shutil

import pytest

from tests.bench.damage import put_digests_right
from tests.gradle_bundle import jvm

pytestmark = pytest.mark.usefixtures("kotlin")


@pytest.fixture
def update(tiny_bundle, tmp_path):
    """The same bundle with another notice: a version of its own."""
    other = shutil.copytree(tiny_bundle, tmp_path / "update")
    (other / "NOTICE").write_text("changed")
    put_digests_right(other)
    return other


def size(bundle):
    return sum(row["bytes"] for row in json.loads((bundle / "manifest.json").read_text())["files"].values())


def test_installs_once_and_replaces_what_is_older(tiny_bundle, update, tmp_path):
    root = tmp_path / "private"
    first, again, newer, checked = jvm.run(
        ("install", {"source": tiny_bundle, "root": root, "real": True}), ("install", {"source": tiny_bundle, "root": root}),
        ("install", {"source": update, "root": root}), ("install", {"source": update, "root": root, "check": True}),
    )  # fmt: skip
    assert first["copied"] == size(tiny_bundle) and first["left"] == [first["folder"].split("/")[-1]]
    assert again["copied"] == again["written"] == 0 and again["folder"] == first["folder"]
    assert (
        newer["copied"] == size(update) and newer["left"] == [newer["folder"].split("/")[-1]] != first["left"]
    )
    assert checked["copied"] == 0 and newer["model_id"] == first["model_id"]
    for name in json.loads((update / "manifest.json").read_text())["files"]:
        assert (root / "tiny" / newer["left"][0] / name).read_bytes() == (update / name).read_bytes()


def test_every_operation_fails_once_in_every_way(tiny_bundle, update, tmp_path):
    (found,) = jvm.run(("faults", {"before": tiny_bundle, "after": update, "root": tmp_path / "private"}))
    rows, total = found["rows"], size(update)
    assert found["operations"] > 60 and len(rows) == 4 * found["operations"]
    for row in rows:
        assert row["whole"] and row["versions"], row  # a version, and each of them whole
        assert row["end"] and len(row["left"]) == 1, row  # the next try ends well, and tidies up
        done = isinstance(row["outcome"], str) and row["outcome"] != "killed"
        assert row["copied"] == (0 if row["left"][0] in row["versions"] else total - row["kept"]), row
        if not done and row["fault"] in ("ONCE", "FULL"):
            wanted = "DiskFullException" if row["fault"] == "FULL" else "InstallException"
            assert row["outcome"]["type"] == wanted and row["outcome"]["message"].endswith(
                ("again.", "is kept.")
            ), row
        assert row["fault"] != "FULL" or row["kept"] == 0, row  # a full disk gets its room back
    killed = [row for row in rows if row["outcome"] == "killed"]
    assert any(0 < row["kept"] < total for row in killed) and any(row["kept"] == total for row in killed)
    assert any(row["fault"] == "HALF_WRITTEN" and row["kept"] for row in rows)


def test_no_room_is_known_before_anything_is_written(tiny_bundle, update, tmp_path):
    root = tmp_path / "private"
    first, full, after = jvm.run(
        ("install", {"source": tiny_bundle, "root": root}), ("install", {"source": update, "root": root, "free": size(update)}),
        ("install", {"source": update, "root": root, "free": size(update) + 2**23}),
    )  # fmt: skip
    assert full["type"] == "DiskFullException" and full["written"] == 0 and full["left"] == first["left"]
    assert f"{size(update) + 2**22} more bytes" in full["message"] and "Ask for room" in full["message"]
    assert after["copied"] == size(update)


@pytest.mark.parametrize("name", ["embedder.tflite", "corpus.db"])
def test_a_file_that_was_changed_is_refused_and_the_earlier_version_stays(
    tiny_bundle, update, tmp_path, name
):
    root, damages = tmp_path / "private", ("flipped", "cut", "longer", "empty")
    first, *found, after = jvm.run(
        ("install", {"source": tiny_bundle, "root": root}),
        *(
            ("install", {"source": update, "root": root, "name": name, "damage": damage})
            for damage in damages
        ),
        ("install", {"source": update, "root": root}),
    )
    for row in found:
        assert (
            row["type"] == "CorruptFileException"
            and name in row["message"]
            and "install the app" in row["message"]
        )
        assert first["left"][0] in row["left"]
    # The files before it were kept, it was not.
    assert 0 < after["copied"] < size(update) and len(after["left"]) == 1


def test_damage_done_later_is_found_and_mended(tiny_bundle, tmp_path):
    root = tmp_path / "private"
    (first,) = jvm.run(("install", {"source": tiny_bundle, "root": root}))
    database = root / "tiny" / first["left"][0] / "corpus.db"
    data = bytearray(database.read_bytes())
    data[5000] ^= 1
    database.write_bytes(data)
    (unseen, mended) = jvm.run(
        ("install", {"source": tiny_bundle, "root": root}),
        ("install", {"source": tiny_bundle, "root": root, "check": True}),
    )
    assert unseen["copied"] == 0 and mended["copied"] == size(tiny_bundle)
    assert database.read_bytes() == (tiny_bundle / "corpus.db").read_bytes()
    database.write_bytes(data)
    task = {
        "source": tiny_bundle,
        "root": root,
        "requests": [{"question": "king 0", "mode": "bm25"}],
        "vectors": [],
    }
    assert (
        jvm.run(("reopened", task)) == [[10]]
        and database.read_bytes() == (tiny_bundle / "corpus.db").read_bytes()
    )
    database.unlink()
    assert jvm.run(("install", {"source": tiny_bundle, "root": root}))[0]["copied"] == size(tiny_bundle)
