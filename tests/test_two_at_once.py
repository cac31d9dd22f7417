"""Two commands that would make the same stage: one makes it, the other waits and takes it."""

import subprocess
import sys

import pytest

from pocketrag.pipeline.stage_lock import held
from tests.conftest import make_recipe


def begin(folder, *arguments):
    command = [sys.executable, "-m", "pocketrag.cli", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_stage_is_made_once(data, tiny_bert):
    folder = make_recipe(data, tiny_bert).parent
    both = [begin(folder, "convert", "tiny.toml", "--source", "base") for _ in range(2)]
    said = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert "".join(said).count("convert-base: running") <= 2
    assert sum("convert-base: another process is making it; waiting" in text for text in said) <= 1
    assert "damaged" not in "".join(said) and (folder / "work/tiny/convert-base/manifest.json").is_file()


def test_who_comes_second_waits_and_is_told(tmp_path):
    code = "import sys; from pathlib import Path; from pocketrag.pipeline.stage_lock import held\n"
    code += "with held(Path(sys.argv[1])) as waited: print(waited)"
    command = [sys.executable, "-c", code, str(tmp_path / "convert")]
    with held(tmp_path / "convert") as waited:
        assert not waited
        other = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(2)
    said, told = other.communicate(timeout=30)
    assert said.strip() == "True" and "convert: another process is making it; waiting" in told


def test_a_lock_of_a_process_that_died_is_free(tmp_path):
    code = "import os, sys; from pathlib import Path; from pocketrag.pipeline.stage_lock import held\n"
    code += "with held(Path(sys.argv[1])): os._exit(9)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "convert")], check=False)
    with held(tmp_path / "convert") as waited:
        assert done.returncode == 9 and not waited
