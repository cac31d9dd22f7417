"""Each file is hashed once, and never taken for what it was before."""

import os
import time

import pytest

from pocketrag.formats import files
from pocketrag.pipeline import digests
from pocketrag.pipeline.digests import Digests


@pytest.fixture
def hashed(monkeypatch):
    """The files that were really read."""
    seen, real = [], files.sha256
    monkeypatch.setattr(files, "sha256", lambda file: seen.append(file.name) or real(file))
    return seen


def written(folder, text="one", age=60.0):
    file = folder / "file"
    file.write_text(text)
    then = time.time() - age
    os.utime(file, (then, then))
    return file


@pytest.fixture
def settled(monkeypatch):
    """The time that a file needs to be settled: none, since tests can't age a file's change time."""
    monkeypatch.setattr(digests, "SETTLED", -1.0)


def test_a_file_is_hashed_once_a_command(tmp_path, hashed):
    file, known = written(tmp_path), Digests()
    assert known.sha256(file) == known.sha256(file) == files.sha256(file)
    # One of them is the test's own.
    assert known.folder(tmp_path) == {"file": known.sha256(file)} and hashed == ["file"] * 2


def test_the_next_command_remembers_what_has_settled(tmp_path, hashed, settled):
    file, store = written(tmp_path), tmp_path / "digests.json"
    first = Digests(store)
    digest = first.sha256(file)
    first.save()
    assert Digests(store).sha256(file) == digest and hashed == ["file"]


def test_a_file_written_a_moment_ago_is_not_remembered(tmp_path, hashed):
    file, store = written(tmp_path, age=0), tmp_path / "digests.json"
    first = Digests(store)
    first.sha256(file)
    first.save()
    Digests(store).sha256(file)
    assert hashed == ["file"] * 2


@pytest.mark.parametrize("how", ["same time", "renamed over", "other size"])
def test_another_file_of_the_same_name_is_hashed_again(tmp_path, settled, how):
    file, store = written(tmp_path), tmp_path / "digests.json"
    first = Digests(store)
    before, stat = first.sha256(file), file.stat()
    first.save()
    if how == "renamed over":
        other = tmp_path / "other"
        other.write_text("two")
        os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        other.replace(file)
    else:
        file.write_text("two" if how == "same time" else "twelve")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the change time tells it still
    assert Digests(store).sha256(file) == files.sha256(file) != before


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"file": 3}', '{"file": [["a", 1, 2, 3], "x"]}'])
def test_a_store_that_can_t_be_read_is_empty(tmp_path, text):
    file, store = written(tmp_path), tmp_path / "digests.json"
    store.write_text(text)
    assert Digests(store).sha256(file) == files.sha256(file)


def test_no_folder_no_store(tmp_path):
    known = Digests(tmp_path / "none" / "digests.json")
    known.sha256(written(tmp_path))
    known.save()
    assert not (tmp_path / "none").exists()
