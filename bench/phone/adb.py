"""The `adb` program: devices, shell, push, pull, properties.

What goes wrong is one message that says what to do.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError, PocketragError

#: What `--device` takes for every device that is attached.
ALL = "all"
#: adbd before Android 7 knows no shell protocol 2: `adb shell` then ends with 0, whatever happened. So the
#: shell says its status.
MARK = "pocketrag-status:"
#: Seconds for what should answer at once, and for a file: 400 MB over USB 2 (some 20 MB/s) with room to
#: spare.
QUICK, COPY = 30.0, 120.0
#: A shell's status of a program that SIGKILL ended (128 + 9), and of one that it does not know.
KILLED, UNKNOWN = 137, 127


class DeviceError(PocketragError):
    """Something went wrong on a device.

    `kind` is what the gates decide by: one of FAILURES or STATES, or "timeout", "killed", "crashed", "abi",
    "answer".
    """

    def __init__(self, kind: str, message: str) -> None:
        """Take the kind, and a message that names the device and says what to do."""
        super().__init__(message)
        self.kind = kind


#: A line of `adb devices -l`. The first state that is known ends the serial; where none is, the first blank
#: does. States: https://android.googlesource.com/platform/packages/modules/adb/+/refs/heads/main/adb.cpp
#: (`to_string(ConnectionState)`).
LINE = re.compile(
    r"(?:(?P<known>\S.*?)\s+(?P<one>device|offline|unauthorized|authorizing|connecting|no permissions"
    r"|recovery|rescue|sideload|bootloader|host|detached|unknown)"
    r"|(?P<other>\S+)\s+(?P<two>\S+))(?:\s+(?P<rest>.*))?"
)


@dataclass(frozen=True)
class Attached:
    """One line of `adb devices -l`."""

    serial: str
    state: str
    """"device" is ready; others are in STATES."""
    about: str = ""


@dataclass(frozen=True)
class Ran:
    """What a command on a device gave: its exit status, and both of its streams as text."""

    status: int
    output: str


#: State of `adb devices` (connection_state_name in AOSP's adb/transport.cpp) -> what to do.
STATES = {
    "unauthorized": (
        "it has not authorised this computer. Unlock it and accept the dialog `Allow USB debugging?`"
    ),
    "authorizing": "it is still being authorised. Wait a moment and run the same command again",
    "connecting": "it is still connecting. Wait a moment and run the same command again",
    "offline": "it does not answer. Plug the cable in again, or run `adb kill-server`",
    "no permissions": (
        "this user may not open its USB port. Install udev's rules (Debian: "
        "android-sdk-platform-tools-common)"
    ),
    "recovery": "it runs its recovery system. Restart Android",
    "sideload": "it waits for an update. Restart Android",
    "bootloader": "it is in its bootloader. Restart Android",
}

#: What adb prints, kind, what to do; the first that matches counts. The words are those of AOSP's
#: adb/transport.cpp (acquire_one_transport), adb/client/file_sync_client.cpp and
#: adb/daemon/file_sync_service.cpp.
FAILURES: tuple[tuple[str, str, str], ...] = (
    (r"device unauthorized", "unauthorized", STATES["unauthorized"]),
    (r"device still authorizing", "authorizing", STATES["authorizing"]),
    (r"device offline", "offline", STATES["offline"]),
    (r"insufficient permissions for device|no permissions", "no permissions", STATES["no permissions"]),
    (r"more than one device", "several", "several devices are attached. Name one: --device SERIAL"),
    (
        r"No space left on device",
        "space",
        (
            "no space is left for the model under /data/local/tmp. Free some: the packed "
            "weights take about as much as the model again"
        ),
    ),
    (r"Permission denied|Read-only file system", "denied", "it refuses files under /data/local/tmp"),
    (r"No such file|does not exist", "missing", "a file is not there that was expected"),
    (
        (
            r"device '.*' not found|no devices|error: closed|connect failed|protocol fault|[Cc]onnection "
            r"reset|couldn't read"
        ),
        "lost",
        "the connection broke. Look at the cable and run the same command again",
    ),
)


def answer_of(command: list[str], seconds: float, late: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the user's own that talks to devices, and return what it said.

    Raises:
        DeviceError: it takes longer; `late` says so.

    """
    try:
        return subprocess.run(  # noqa: S603 - a list, not a shell's line
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeviceError("timeout", late) from None


class Adb:
    """The program, found on the PATH."""

    def __init__(self, program: str = "adb", patience: float = 1.0) -> None:
        """Find it; `patience` multiplies every time limit.

        Raises:
            InputError: it is not installed.

        """
        found = shutil.which(program)
        if not found:
            raise InputError(
                f"{program}: not found on the PATH. Debian and Ubuntu: apt-get install adb; "
                "elsewhere unpack Android's "
                "platform-tools (https://developer.android.com/tools/releases/platform-tools) and put that "
                "folder on the PATH."
            )
        self._program, self._patience = found, patience

    def devices(self) -> list[Attached]:
        """Return what is attached, in whatever state.

        Raises:
            InputError: adb itself does not run, such as when its server can't start.

        """
        try:
            done = self._call(["devices", "-l"], QUICK)
        except DeviceError as error:
            raise InputError(f"adb devices: {error}") from None
        if done.returncode:
            raise InputError(
                f"adb devices: {_last(done.stderr or done.stdout)}. Try `adb kill-server`, "
                "then `adb devices`."
            )
        return parse_devices(done.stdout)

    def choose(self, serial: str) -> list[Attached]:
        """Return the devices that `--device` means: one serial, `all`, or "" for the only one.

        Raises:
            InputError: there is none, none of that serial, or several and "" names none.

        """
        attached = self.devices()
        listed = ", ".join(f"{one.serial} ({one.state})" for one in attached)
        if not attached:
            raise InputError(
                "--device: no device is attached. Switch on USB debugging, plug it in, and look "
                "with `adb devices`."
            )
        if serial == ALL:
            return attached
        if not serial and len(attached) > 1:
            raise InputError(f"--device: several devices are attached: {listed}. Name one, or say `all`.")
        chosen = [one for one in attached if one.serial == serial or not serial]
        if not chosen:
            raise InputError(f"--device {serial}: no such device; attached: {listed}.")
        return chosen

    def shell(self, serial: str, arguments: Sequence[str], seconds: float = QUICK) -> Ran:
        """Run a program on a device; each argument arrives as it is, whatever it holds.

        Raises:
            DeviceError: the connection broke, or it took too long. A status other than 0 is the caller's to
                judge.

        """
        line = f"{{ {shlex.join(arguments)} ; }} 2>&1; s=$?; echo; echo {MARK}$s"
        done = self._call(["-s", serial, "shell", line], seconds, serial)
        output, mark, status = done.stdout.replace("\r\n", "\n").rpartition(f"\n{MARK}")
        if not mark or not status.strip().isdigit():
            raise _failure(
                serial, done.stderr or done.stdout or f"adb ended with {done.returncode} and no word"
            )
        return Ran(int(status), output.removesuffix("\n"))

    def push(self, serial: str, files: Sequence[Path], folder: str) -> None:
        """Copy files into a folder on a device.

        Raises:
            DeviceError: no space, no permission, no connection.

        """
        self._copy(serial, "push", [*map(str, files), f"{folder}/"])

    def pull(self, serial: str, files: Sequence[str], folder: Path) -> None:
        """Copy files from a device into a folder here.

        Raises:
            DeviceError: one is not there, or the connection broke.

        """
        self._copy(serial, "pull", [*files, str(folder)])

    def properties(self, serial: str) -> dict[str, str]:
        """Return all of `getprop`, whose lines are `[name]: [value]`."""
        output = self.shell(serial, ["getprop"]).output
        return dict(re.findall(r"^\[(.+?)\]: \[(.*)\]$", output, re.MULTILINE))

    def _copy(self, serial: str, verb: str, arguments: list[str]) -> None:
        done = self._call(["-s", serial, verb, *arguments], COPY, serial)
        # Older versions end with 0 after some failures.
        if done.returncode or "adb: error:" in done.stderr + done.stdout:
            raise _failure(serial, done.stderr + done.stdout)

    def _call(
        self, arguments: list[str], seconds: float, serial: str = ""
    ) -> subprocess.CompletedProcess[str]:
        limit = seconds * self._patience
        what = next((word for word in arguments if word in ("shell", "push", "pull")), arguments[0])
        late = f"{serial or 'adb'}: no answer to `adb {what}` within {limit:.0f} s."
        return answer_of([self._program, *arguments], limit, late)


def parse_devices(output: str) -> list[Attached]:
    """Read `adb devices -l`: serial, state, and `key:value` words.

    Lines with `*` are the server's own news. Names of wireless devices hold blanks where one name is given
    twice: `adb-SERIAL-ID (2)._adb-tls-connect._tcp`.
    """
    lines = (line.strip() for line in output.splitlines())
    news = ("*", "List of devices", "adb server")
    found = (LINE.fullmatch(line) for line in lines if not line.startswith(news))
    return [
        Attached(row["known"] or row["other"], row["one"] or row["two"], row["rest"] or "")
        for row in found
        if row
    ]


def ready(attached: Attached) -> None:
    """Check that a device takes commands.

    Raises:
        DeviceError: it is unauthorised, offline, or not in Android.

    """
    if attached.state != "device":
        advice = STATES.get(attached.state, "it is in a state that takes no commands")
        raise DeviceError(attached.state, f"{attached.serial}: {attached.state}: {advice}.")


def _failure(serial: str, printed: str) -> DeviceError:
    for pattern, kind, advice in FAILURES:
        if re.search(pattern, printed):
            return DeviceError(kind, f"{serial}: {advice} (adb: {_last(printed)}).")
    return DeviceError("lost", f"{serial}: adb failed ({_last(printed)}).")


def _last(printed: str) -> str:
    """Return the line that says what is wrong: the first with `error` or `failed`, or else the last one."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r"error|failed|device ", line)]
    return (complaints or lines[-1:] or ["no word"])[0][:200].rstrip(".")
