"""What this machine has free."""

from pocketrag import machine


def test_what_a_control_group_may_use(tmp_path):
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert machine._group(tmp_path) == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert machine._group(tmp_path) > 1 << 50 and machine.free_memory() > 0


def test_what_the_machine_has_free(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 7 kB\n")
    assert machine._machine(tmp_path / "meminfo") == 7 * 1024
    assert machine._machine(tmp_path / "none") > 0


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path):
    assert machine.free_disk(tmp_path / "a" / "b") > 0
