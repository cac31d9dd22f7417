"""The adb program behind a stand-in that replays what real ones print: each failure says what to do."""

import pytest
from pocketrag.bench.phone.adb import Adb, Attached, DeviceError, parse_devices, ready

from pocketrag.errors import InputError
from tests.bench.phone.scripted_adb import SERIAL, device, install, log, transcript


@pytest.fixture
def phone(tmp_path, monkeypatch):
    """Install a scenario and return adb."""

    def make(patience=1.0, **scenario):
        install(tmp_path, monkeypatch, **scenario)
        return Adb(patience=patience)

    return make


def test_devices_and_their_states_are_read():
    assert parse_devices(transcript("devices_states.txt")) == [
        Attached(SERIAL, "device", "usb:1-2 product:shiba model:Pixel_8 device:shiba transport_id:1"),
        Attached("0123456789ABCDEF", "unauthorized", "usb:1-3 transport_id:2"),
        Attached("deadbeef", "offline", "transport_id:3"),
        Attached(
            "R5CT1234567",
            "no permissions",
            "(user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-4 transport_id:4",
        ),
        Attached(
            "192.168.1.5:5555", "device", "product:caiman model:Pixel_9_Pro device:caiman transport_id:5"
        ),
    ]
    assert parse_devices(transcript("devices_none.txt")) == []
    assert parse_devices("List of devices attached\nX1\tdevice\r\n") == [Attached("X1", "device")]


def test_adb_that_is_missing_says_where_it_comes_from(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"apt-get install adb.*platform-tools"):
        Adb()


def test_a_server_that_does_not_start_is_explained(phone):
    with pytest.raises(InputError, match="adb kill-server"):
        phone(server_error="error_closed.txt").devices()


def test_no_device(phone):
    with pytest.raises(InputError, match=r"no device is attached.*USB debugging"):
        phone(devices="devices_none.txt").choose("all")


def test_an_unknown_serial_lists_what_is_attached(phone):
    with pytest.raises(InputError, match=rf"--device NOPE: no such device; attached: {SERIAL} \(device\)"):
        phone().choose("NOPE")


def test_several_devices_and_none_named(phone):
    with pytest.raises(InputError, match=r"several devices are attached: .*R5CT1234567.*`all`"):
        phone(devices="devices_two.txt").choose("")


def test_choosing(phone):
    assert [one.serial for one in phone().choose("")] == [SERIAL]
    two = phone(devices="devices_two.txt")
    assert [one.serial for one in two.choose("R5CT1234567")] == ["R5CT1234567"]
    assert len(two.choose("all")) == 2


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("unauthorized", "Allow USB debugging"),
        ("offline", "Plug the cable in again"),
        ("no permissions", "udev"),
        ("recovery", "Restart Android"),
        ("rescue", "takes no commands"),
    ],
)
def test_a_device_that_is_not_ready(state, advice):
    with pytest.raises(DeviceError, match=advice) as error:
        ready(Attached("X1", state))
    assert error.value.kind == state and str(error.value).startswith("X1")
    ready(Attached("X1", "device"))


@pytest.mark.parametrize("old", [False, True])
def test_a_shell_gives_status_and_output_and_quotes_every_argument(phone, old):
    adb = phone(old_adbd=old)
    wild = ["a b", "$HOME", "`id`", "'q'", "x;y", "*", "ü", ""]
    ran = adb.shell(SERIAL, ["printf", r"[%s]\n", *wild])
    assert (ran.status, ran.output.splitlines()) == (0, [f"[{word}]" for word in wild])
    assert adb.shell(SERIAL, ["sh", "-c", "echo out; echo wrong >&2; exit 7"]).status == 7
    assert "wrong" in adb.shell(SERIAL, ["sh", "-c", "echo out; echo wrong >&2; exit 7"]).output
    assert adb.shell(SERIAL, ["sh", "-c", "printf unended"]).output == "unended"
    assert adb.shell(SERIAL, ["sh", "-c", "kill -9 $$"]).status == 137
    assert adb.shell(SERIAL, ["nosuchprogram"]).status == 127
    assert all(call[:3] == ["-s", SERIAL, "shell"] for call in log())


@pytest.mark.parametrize("old", [False, True])
def test_properties(phone, old):
    found = phone(old_adbd=old).properties(SERIAL)
    assert found["ro.soc.model"] == "Tensor G3" and found["persist.sys.locale"] == ""


def test_files_there_and_back(phone, tmp_path):
    adb = phone()
    (tmp_path / "a b.bin").write_bytes(b"\0\1")
    adb.shell(SERIAL, ["mkdir", "-p", "/data/local/tmp/x"])
    adb.push(SERIAL, [tmp_path / "a b.bin"], "/data/local/tmp/x")
    assert (device(SERIAL) / "x" / "a b.bin").read_bytes() == b"\0\1"
    (tmp_path / "here").mkdir()
    adb.pull(SERIAL, ["/data/local/tmp/x/a b.bin"], tmp_path / "here")
    assert (tmp_path / "here" / "a b.bin").read_bytes() == b"\0\1"
    with pytest.raises(DeviceError, match="not there") as error:
        adb.pull(SERIAL, ["/data/local/tmp/x/none"], tmp_path / "here")
    assert error.value.kind == "missing"


@pytest.mark.parametrize(
    ("said", "kind", "advice"),
    [
        ("error_no_space.txt", "space", "no space is left"),
        ("error_no_space_half_way.txt", "space", "no space is left"),
        ("error_denied.txt", "denied", "refuses files"),
        ("error_unauthorized.txt", "unauthorized", "Allow USB debugging"),
        ("error_offline.txt", "offline", "Plug the cable in again"),
        ("error_gone.txt", "lost", "Look at the cable"),
        ("error_closed.txt", "lost", "Look at the cable"),
        ("error_several.txt", "several", "--device SERIAL"),
    ],
)
def test_a_push_that_fails_says_why(phone, tmp_path, said, kind, advice):
    (tmp_path / "f").write_bytes(b"x")
    with pytest.raises(DeviceError, match=advice) as error:
        phone(push=said).push(SERIAL, [tmp_path / "f"], "/data/local/tmp")
    assert error.value.kind == kind and str(error.value).startswith(SERIAL)


@pytest.mark.parametrize(
    "said", ["error_unauthorized.txt", "error_offline.txt", "error_gone.txt", "error_closed.txt"]
)
def test_a_shell_that_fails_is_no_empty_answer(phone, said):
    with pytest.raises(DeviceError):
        phone(shell=said).shell(SERIAL, ["true"])


def test_a_shell_without_a_word_is_an_error(phone, tmp_path):
    adb = phone()
    (tmp_path / "scripted" / "bin" / "adb").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(DeviceError, match="no word"):
        adb.shell(SERIAL, ["true"])


def test_no_answer_in_time(phone):
    adb = phone(patience=0.02, hangs="shell")
    with pytest.raises(DeviceError, match="no answer to `adb shell` within 1 s") as error:
        adb.shell(SERIAL, ["true"])
    assert error.value.kind == "timeout"


def test_wireless_serials_with_blanks():
    name = "adb-AB12CD34EF-xYz123 (2)._adb-tls-connect._tcp"
    printed = f"List of devices attached\n{name} device product:shiba transport_id:4\n{name}x  offline\nX1 booting\n"
    assert parse_devices(printed) == [
        Attached(name, "device", "product:shiba transport_id:4"),
        Attached(f"{name}x", "offline"),
        Attached("X1", "booting"),
    ]
