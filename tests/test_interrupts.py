"""`pocketrag build` and what must survive it: interrupts, kills, and full disks, in processes of their own."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from pocketrag.formats.files import digests
from tests.builds import build, edit
from tests.conftest import cli, real_cli

#: Sends the process a signal when a stage, all written, is about to be given its name.
AT_THE_RENAME = """
import os, pathlib
rename = pathlib.Path.rename
def signalled(self, target):
    if pathlib.Path(target).name == {stage!r}:
        os.kill(os.getpid(), {how})
    return rename(self, target)
pathlib.Path.rename = signalled
"""


#: What takes longest is there already where a later stage is interrupted; the stages before and after it are made there.
CONVERTED = ("convert-base", "quantize-base")


@pytest.mark.parametrize(
    ("stage", "how", "last"),
    [
        ("convert-base", signal.SIGINT, False),
        ("convert-base", signal.SIGKILL, False),
        ("index-base", signal.SIGKILL, True),
        ("bundle", signal.SIGINT, True),
    ],
)
def test_an_interrupt_in_mid_stage(built, stage, how, last):
    before = digests(built / "out" / "tiny")
    for made in (folder for folder in (built / "work" / "tiny").iterdir() if folder.is_dir()):
        if not last or made.name not in CONVERTED:
            shutil.rmtree(made)
    edit(built / "tiny.toml", 'version = "0.1"', 'version = "0.2"')
    if last:
        (built / "hook").mkdir()
        (built / "hook" / "sitecustomize.py").write_text(AT_THE_RENAME.format(stage=stage, how=int(how)))
    command = [sys.executable, "-m", "pocketrag.cli", "build", "tiny.toml", "--out", "out/tiny"]
    path = os.pathsep.join(filter(None, [str(built / "hook"), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(
        command,
        cwd=built,
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    said = ""
    for line in process.stderr:
        said += line
        if f"{stage}: running" in line and not last:
            time.sleep(0.2)  # a conversion takes seconds
            process.send_signal(how)
    code = process.wait()
    if how == signal.SIGINT:
        assert code == 130 and "run the same command again" in said and "Traceback" not in said
    else:
        assert code == -signal.SIGKILL
    assert digests(built / "out" / "tiny") == before
    assert not (built / "work" / "tiny" / stage).exists()
    again = build(built)
    assert again.returncode == 0 and "reference-base: unchanged" in again.stderr
    assert json.loads((built / "out" / "tiny" / "manifest.json").read_text())["version"] == "0.2"
    assert not [p.name for p in (built / "work" / "tiny").iterdir() if p.name.startswith(".")]


#: Ends the process as a statement on the database of `index` begins.
AT_THE_STATEMENT = """
import os, signal
import apsw
def killed(cursor, statement, bindings):
    if statement.startswith({statement!r}):
        os.kill(os.getpid(), signal.SIGKILL)
    return True
def hook(connection):
    if "index-base" in connection.filename:
        connection.exec_trace = killed
apsw.connection_hooks.append(hook)
"""


@pytest.mark.parametrize("statement", ["INSERT INTO rag_vector_store", "VACUUM"])
def test_a_kill_while_the_database_is_written(built, statement):
    """No half database is ever taken for one: the stage is not there until it is whole, and is made once more."""
    before = digests(built / "out" / "tiny")
    whole = (built / "work" / "tiny" / "index-base" / "corpus.db").read_bytes()
    shutil.rmtree(built / "work" / "tiny" / "index-base")
    (built / "hook").mkdir()
    (built / "hook" / "sitecustomize.py").write_text(AT_THE_STATEMENT.format(statement=statement))
    path = os.pathsep.join(filter(None, [str(built / "hook"), os.environ.get("PYTHONPATH")]))
    done = real_cli("index", "tiny.toml", cwd=built, env={"PYTHONPATH": path})
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (built / "work" / "tiny" / "index-base").exists() and digests(built / "out" / "tiny") == before
    bundled = cli("bundle", "tiny.toml", cwd=built)
    assert bundled.returncode == 2 and "index" in bundled.stderr
    assert cli("index", "tiny.toml", cwd=built).returncode == 0
    assert (built / "work" / "tiny" / "index-base" / "corpus.db").read_bytes() == whole
    assert not [p.name for p in (built / "work" / "tiny").iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("kilobytes", [1, 90])
def test_a_full_disk(built, kilobytes):
    """A limit on file size stands for a disk that fills up: the write fails in mid-file with an error of the same family."""
    before = digests(built / "out" / "tiny")
    shutil.rmtree(built / "work")
    done = real_cli(
        "build",
        "tiny.toml",
        "--out",
        "out/tiny",
        cwd=built,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024)),
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert digests(built / "out" / "tiny") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_really_full(built, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(small)]).returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        done = real_cli("convert", "tiny.toml", "--source", "base", "--work", small, cwd=built)
        assert done.returncode == 2 and "Traceback" not in done.stderr and "disk" in done.stderr, done.stderr
    finally:
        subprocess.run(["umount", str(small)], check=True)
