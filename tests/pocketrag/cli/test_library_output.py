"""What libraries write goes to a file; the verb's own lines and its result do not."""

import json
import subprocess
import sys

from tests.conftest import cli, make_data, make_recipe

#: A command whose libraries are talkative: from Python, from C, and from a process of its own.
TALKS = """
import ctypes, logging, subprocess, sys
from pathlib import Path
from pocketrag import console
from pocketrag.cli.library_output import kept_in
log = Path(sys.argv[1]) if len(sys.argv) > 1 else None
with kept_in(log, "pocketrag build") as result:
    print("python out"), print("python err", file=sys.stderr)
    logging.getLogger("library").warning("a warning")
    libc = ctypes.CDLL(None)
    libc.puts(b"from C"), libc.fflush(None)
    subprocess.run([sys.executable, "-c", "print('of another process')"])
    console.status("our line")
    for _ in console.progress(range(3), "a bar"):
        for _ in console.progress(range(3), "within it"):
            pass
    result.write("result\\n")
print("after")
"""
SAID = ("python out", "python err", "a warning", "from C", "of another process")


def talk(*arguments):
    command = [sys.executable, "-c", TALKS, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_it_is_kept_beside_what_earlier_commands_left(tmp_path):
    log = tmp_path / "made" / "a.log"
    for _ in range(2):
        done = talk(log)
        assert done.stdout == "result\nafter\n" and done.stderr == "· our line\n"
    kept = log.read_text()
    assert all(kept.count(words) == 2 for words in SAID) and kept.count("--- ") == 2
    assert kept.count(" our line\n") == 2, "status lines stand between, with the time"


def test_without_a_file_it_is_dropped():
    done = talk()
    assert done.stdout == "result\nafter\n" and done.stderr == "· our line\n"


def test_a_large_log_begins_anew(tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * 5_000_001)
    talk(log)
    assert log.stat().st_size < 10_000


def test_a_build_logs_beside_its_stages(tmp_path, tiny_bert):
    make_recipe(make_data(tmp_path), tiny_bert)
    quiet = cli("convert", "tiny.toml", "--source", "base", "-q", "--json", cwd=tmp_path)
    assert quiet.returncode == 0 and quiet.stderr == "" and json.loads(quiet.stdout)["folder"]
    kept = (tmp_path / "work" / "pocketrag.log").read_text()
    assert "--- " in kept and "pocketrag convert tiny.toml" in kept and "convert-base: running" in kept
    told = cli("convert", "tiny.toml", "--source", "base", "--log", "mine.log", cwd=tmp_path)
    assert "convert-base: unchanged" in told.stderr and "unchanged" in (tmp_path / "mine.log").read_text()
    assert "next: pocketrag quantize tiny.toml" in told.stdout


def test_a_log_that_can_not_be_written(tmp_path):
    (tmp_path / "a file").write_text("")
    done = cli("status", "none.toml", "--log", "a file/x.log", cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "a file" in done.stderr


def test_less_and_more_at_once_is_refused(tmp_path):
    done = cli("recipe", "-q", "-v", cwd=tmp_path)
    assert done.returncode == 2 and "--quiet and --verbose: give one of both" in done.stderr
