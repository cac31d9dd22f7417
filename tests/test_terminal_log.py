"""What a build leaves on a terminal: its stages, its tables, and nothing of a library's."""

import os
import pty
import re
import sys

import pyte
import pytest

from tests.conftest import make_data, make_recipe

WIDTH = 110


def on_a_terminal(arguments, cwd):
    """Return the lines that a terminal shows after a command of ours, bars drawn over themselves."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(cwd)
        os.environ.update(COLUMNS=str(WIDTH), LINES="50", TERM="xterm")
        os.execv(sys.executable, [sys.executable, "-m", "pocketrag.cli", *arguments])  # noqa: S606
    written = bytearray()
    while part := _read(terminal):
        written += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, written[-2000:].decode()
    screen = pyte.Screen(WIDTH, 1000)
    pyte.Stream(screen).feed(written.decode())
    return "\n".join(line.rstrip() for line in screen.display).strip("\n").split("\n")


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux's word for the end
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_build_takes_at_most_60_lines(tmp_path, tiny_bert):
    make_recipe(make_data(tmp_path), tiny_bert)
    lines = on_a_terminal(["build", "tiny.toml", "--out", "out/tiny"], tmp_path)
    text = "\n".join(lines)
    assert len(lines) <= 60, text
    assert not re.search(r"Warning|WARNING|it/s|━|Loading", text), text
    stages = re.findall(r"\[(\d+) of (\d+)\] \S+: running", text)
    assert [int(n) for n, _ in stages] == list(range(1, len(stages) + 1)) and {
        all_ for _, all_ in stages
    } == {str(len(stages))}
    kept = (tmp_path / "work" / "pocketrag.log").read_text()
    assert "quantizing to int8" in kept and "quantizing to int8" not in text
    assert "Build gates" in text and "next: pocketrag search out/tiny" in text


def test_a_stage_alone_says_its_details_on_a_terminal_too(tmp_path, tiny_bert):
    make_recipe(make_data(tmp_path), tiny_bert)
    on_a_terminal(["convert", "tiny.toml", "--source", "base"], tmp_path)
    said = "\n".join(on_a_terminal(["quantize", "tiny.toml", "--source", "base"], tmp_path))
    assert "quantizing to int8" in said
