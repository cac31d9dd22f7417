"""The arm64 root is built once and as a whole, or not at all and with a clear message."""

import os
import subprocess
import sys

import pytest
from pocketrag.bench.emulator import setup as module
from pocketrag.bench.emulator.contents import find_root, folder_of
from pocketrag.bench.emulator.cores import CORES
from pocketrag.bench.emulator.setup import main, setup

from pocketrag.errors import InputError
from tests.bench.emulator.fakes import fake_tools


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Put fake tools in the place of all others."""

    def use(**kwargs):
        for name, value in fake_tools(tmp_path, tmp_path / "home", **kwargs).items():
            monkeypatch.setenv(name, value)
        return tmp_path

    return use


def left(home):
    """What lies in the cache but for the downloads and the lock."""
    return sorted(
        p.name
        for p in (home / "home" / "pocketrag" / "emulator").iterdir()
        if p.name not in ("downloads", ".lock")
    )


def test_a_root_is_built_once(tools, monkeypatch):
    folder = tools()
    root = setup()
    assert (
        root.facts["litert"] == "2.3.0"
        and root.facts["qemu"] == "7.2.22"
        and root.facts["python"] == "python3.11"
    )
    assert "python3-minimal 1" in root.facts["debian"]
    for core in CORES:
        seen = root.folder / "cpus" / core.folder
        assert (seen / "usr" / "bin" / "python3.11").is_file() and (seen / "proc" / "cpuinfo").is_file()
    assert (root.folder / "site" / "ai_edge_litert").is_dir()
    assert left(folder) == [root.folder.name] and not (root.folder.parent / "downloads").exists()
    monkeypatch.setenv("PATH", "")  # nothing is called again
    assert setup().folder == root.folder


def test_apt_is_kept_to_a_state_of_its_own(tools):
    folder = tools(qemu="exit 1\n")
    with pytest.raises(InputError):
        setup()
    calls = (folder / "apt.log").read_text().splitlines()
    configuration = folder / "home" / "pocketrag" / "emulator" / "downloads" / "apt.conf"
    assert len(calls) == 5 and all(line.startswith(f"-c {configuration} ") for line in calls)
    text = configuration.read_text()
    assert all(f'Dir::{name} "{configuration.parent}' in text for name in ("State", "State::status", "Cache"))
    assert all("--download-only" in line for line in calls[1:])
    assert "APT::Architecture=arm64" in calls[1] and "APT::Architecture=amd64" in calls[3]


def test_no_apt(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"dpkg: not on this system; .*Debian"):
        setup()


def test_an_unknown_host(tools):
    tools(host="riscv64")
    with pytest.raises(InputError, match="'riscv64'; the emulator is set up on amd64 or arm64"):
        setup()


def broken_apt(folder, update):
    body = f'case "$*" in *update*) {update};; *) echo "E: Unable to locate package python3-minimal"; exit 100;; esac\n'
    (folder / "bin" / "apt-get").write_text(f"#!/bin/sh\n{body}")


def test_no_network(tools):
    broken_apt(tools(), 'echo "W: Failed to fetch mirror  Temporary failure resolving"')
    with pytest.raises(
        InputError, match=r"Unable to locate package.*Temporary failure resolving.*is there a network"
    ):
        setup()


def test_an_apt_that_fails_at_once(tools):
    broken_apt(tools(), 'echo "E: no mirror"; exit 100')
    with pytest.raises(InputError, match="no mirror"):
        setup()


def test_sources_without_arm64(tools):
    broken_apt(tools(), "true")
    with pytest.raises(InputError, match=r"carry no arm64.*--sources FILE"):
        setup()


def test_sources_of_ones_own(tools, tmp_path):
    folder = tools(qemu="exit 1\n")
    with pytest.raises(InputError, match=r"--sources .*none\.list: no such file"):
        setup(sources=tmp_path / "none.list")
    (tmp_path / "mine.sources").write_text("Types: deb\n")
    with pytest.raises(InputError):
        setup(sources=tmp_path / "mine.sources")
    downloads = folder / "home" / "pocketrag" / "emulator" / "downloads"
    assert f'Dir::Etc::sourcelist "{downloads}/given.sources"' in (downloads / "apt.conf").read_text()


def test_no_such_wheel(tools, monkeypatch):
    folder = tools()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder / "nowhere"))
    with pytest.raises(InputError, match=r"PyPI's wheels: .*ai-edge-litert==2\.3\.0"):
        setup()
    assert left(folder) == []


def test_a_damaged_package_and_a_second_try(tools):
    folder = tools()
    whole = (folder / "bin" / "dpkg-deb").read_text()
    (folder / "bin" / "dpkg-deb").write_text(
        "#!/bin/sh\necho 'dpkg-deb: error: unexpected end of file'; exit 2\n"
    )
    with pytest.raises(
        InputError, match=r"python3-minimal_1_arm64.deb: dpkg-deb failed with exit code 2: .*unexpected end"
    ):
        setup()
    assert left(folder) == []
    (folder / "bin" / "dpkg-deb").write_text(whole)
    assert setup().folder.is_dir()


@pytest.mark.parametrize(
    ("qemu", "said"),
    [("kill -SEGV $$\n", "ended by SIGSEGV"), ("echo hello\n", "'hello\\\\n' instead of its")],
)
def test_a_root_that_does_not_start_is_not_kept(tools, qemu, said):
    folder = tools(
        qemu=f'case "$1" in --version) echo "qemu version 7.2.22";; *) {qemu};; esac\n'.replace("\n;;", ";;")
    )
    with pytest.raises(InputError, match=f"LiteRT under qemu 7.2.22: .*{said}"):
        setup()
    assert left(folder) == []


def test_no_space(tools, monkeypatch):
    tools()
    monkeypatch.setattr(module, "NEEDED", 1 << 60)
    with pytest.raises(InputError, match="MB are free"):
        setup()


def test_a_cache_that_can_not_be_made(tools, monkeypatch, tmp_path):
    tools()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"can't be made .*XDG_CACHE_HOME"):
        setup()


def test_a_path_that_apt_can_not_take(tools, monkeypatch, tmp_path):
    tools()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / 'a"b'))
    with pytest.raises(InputError, match=r"apt can't take"):
        setup()


@pytest.mark.parametrize("version", ["", "../x", "2", "2.3.0; rm", "2.3.0 --index-url x"])
def test_a_version_that_is_none(version):
    with pytest.raises(InputError, match="not a version"):
        folder_of(version)


def test_a_root_that_lost_a_part(tools):
    tools()
    root = setup()
    (root.folder / "qemu-aarch64-static").unlink()
    with pytest.raises(InputError, match=r"is not whole \(qemu-aarch64-static\); remove it"):
        find_root("2.3.0")


def test_the_command_says_what_is_wrong(tools, monkeypatch, capsys):
    tools(host="riscv64")
    monkeypatch.setattr(sys, "argv", ["setup"])
    assert main() == 2 and "riscv64" in capsys.readouterr().err


def test_two_processes_build_one_root(tools):
    folder = tools(update="sleep 1")
    command = [sys.executable, "-m", "pocketrag.bench.emulator.setup"]
    both = [
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("update" in line for line in (folder / "apt.log").read_text().splitlines()) == 1
    assert len(left(folder)) == 1
