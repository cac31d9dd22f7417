"""What a guest reads about its machine is its own core's, never the host's: LiteRT dies of what an x86 host shows."""

import pytest
from pocketrag.bench.emulator.cores import CORES, furnish


@pytest.fixture
def root(tmp_path):
    for name in ("usr/bin", "etc", "proc"):
        (tmp_path / "root" / name).mkdir(parents=True)
    (tmp_path / "root" / "lib").symlink_to("usr")
    return tmp_path


@pytest.mark.parametrize("core", CORES, ids=lambda core: core.folder)
def test_a_core_shows_itself(root, core):
    folder = furnish(root, core)
    text = (folder / "proc" / "cpuinfo").read_text()
    # The field's tab is part of the format.
    assert text.count("CPU architecture\t: 8\n".replace("\t", "")) == 0
    assert text.count("CPU architecture\t: 8") == 2 and f"0x{core.part:03x}" in text
    for name, value in (
        ("possible", "0-1"),
        ("cpu1/cache/index2/level", "2"),
        ("cpu0/topology/physical_package_id", "0"),
    ):
        assert (folder / "sys" / "devices" / "system" / "cpu" / name).read_text() == f"{value}\n"


def test_all_else_is_the_roots(root):
    folder = furnish(root, CORES[0])
    assert sorted(p.name for p in folder.iterdir()) == ["etc", "lib", "proc", "sys", "usr"]
    assert all((folder / name).exists() and (folder / name).is_symlink() for name in ("etc", "lib", "usr"))


def test_one_core_decides_and_it_comes_first():
    assert [core.decides for core in CORES] == [True, False, False, False]
    assert len({core.folder for core in CORES}) == len(CORES) and not any(
        c in core.folder for core in CORES for c in ",=/"
    )
