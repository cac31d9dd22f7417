import os
import signal
import subprocess
import sys
import textwrap

import pytest

from pocketrag.errors import InputError
from pocketrag.formats import files


def test_a_failure_leaves_the_earlier_folder_whole(tmp_path):
    target = tmp_path / "stage"
    with files.new_folder(target) as fresh:
        (fresh / "a").write_text("first")
    with pytest.raises(RuntimeError), files.new_folder(target) as fresh:
        (fresh / "a").write_text("half")
        raise RuntimeError
    assert (target / "a").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["stage"]


def test_success_replaces_all_of_the_earlier_folder(tmp_path):
    target = tmp_path / "stage"
    for name in ("a", "b"):
        with files.new_folder(target) as fresh:
            (fresh / name).write_text(name)
    assert [p.name for p in target.iterdir()] == ["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["stage"]


def test_a_kill_between_the_renames_is_mended(tmp_path):
    target = tmp_path / "stage"
    with files.new_folder(target) as fresh:
        (fresh / "a").write_text("first")
    target.rename(tmp_path / ".stage.old")  # what a kill at the worst moment leaves
    files.recover(target)
    assert (target / "a").read_text() == "first"


def test_what_a_killed_process_left_is_swept(tmp_path):
    script = f"""
    import os, signal
    from pathlib import Path
    from pocketrag.formats import files
    with files.new_folder(Path({str(tmp_path / "stage")!r})) as fresh:
        (fresh / "half").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)])
    assert done.returncode == -signal.SIGKILL and len(os.listdir(tmp_path)) == 1
    with files.new_folder(tmp_path / "stage") as fresh:
        (fresh / "whole").write_text("whole")
    assert [p.name for p in tmp_path.iterdir()] == ["stage"]
    assert [p.name for p in (tmp_path / "stage").iterdir()] == ["whole"]


def test_write_atomic_keeps_the_earlier_file(tmp_path):
    file = tmp_path / "report.json"
    files.write_atomic(file, "one")
    with pytest.raises(UnicodeEncodeError):
        files.write_atomic(file, "\ud800")
    assert file.read_text() == "one" and len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", "", "a\\b"])
def test_names_from_a_manifest_never_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError, match="leaves the folder"):
        files.inside(tmp_path, name)


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="leaves the folder"):
        files.inside(tmp_path, "link")


@pytest.mark.parametrize("name", ["m" * 255, "ü" * 127])
def test_write_atomic_takes_the_longest_name(tmp_path, name):
    files.write_atomic(tmp_path / name, "one")
    assert [file.name for file in tmp_path.iterdir()] == [name]
