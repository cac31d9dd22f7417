"""The tests' stand-in for `adb` and the phones behind it: a program on the PATH, not Android.

What a real adb or phone prints it replays from `transcripts/`, whose first line names the source. Shell commands are run by this
computer's `sh` in a folder that plays the phone's file system, so quoting, exit statuses, digests and files are real; and
`benchmark_model` is `benchmark_stand_in.py`, which really runs the pushed model. A scenario says what is attached and what goes wrong.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

TRANSCRIPTS = Path(__file__).with_name("transcripts")
SERIAL, SECOND = "28251FDH200001", "R5CT1234567"
PLACE = "/data/local/tmp"
#: A program for arm64 as far as its ELF header says: 64 bits (byte 4), machine 183 (bytes 18 and 19).
ARM64 = (
    b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + (183).to_bytes(2, "little") + bytes(44)
)
DEFAULTS = {
    "devices": "devices_one.txt",
    "getprop": "getprop_pixel_8.txt",
    "thermal": ["thermal_0.txt"],
    "help": "benchmark_help_interpreter.txt",
    "python": [sys.executable],  # what runs the stand-in: an emulator's command line fits here too
}


def transcript(name):
    """A transcript without the line that names its source."""
    source, _, text = (TRANSCRIPTS / name).read_text("utf-8").partition("\n")
    assert source.startswith("# source: "), name
    return text


def install(folder, monkeypatch, **scenario):
    """Put the program on the PATH and return a benchmark_model that it takes; see `Phone` for what a scenario may say."""
    root = folder / "scripted"
    tools = {"bin": ["adb"], "tools": ["getprop", "dumpsys", "uname", "pkill"]}
    for place, names in tools.items():
        (root / place).mkdir(parents=True, exist_ok=True)
        for name in names:
            tool = root / place / name
            tool.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {__file__} {name} "$@"\n')
            tool.chmod(0o755)
    (root / "scenario.json").write_text(json.dumps({**DEFAULTS, **scenario}))
    monkeypatch.setenv("SCRIPTED_ADB", str(root))
    monkeypatch.setenv("PATH", f"{root / 'bin'}:{os.environ['PATH']}")
    binary = folder / "android_aarch64_benchmark_model"
    binary.write_bytes(ARM64)
    return binary


def root():
    return Path(os.environ["SCRIPTED_ADB"])


def scenario():
    return json.loads((root() / "scenario.json").read_text())


def count(what):
    """How often something happened, this time included."""
    file = root() / f"count-{what}"
    times = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(times))
    return times


def device(serial):
    """The folder that plays a phone's /data/local/tmp."""
    return root() / "phones" / serial


def log():
    """All command lines so far."""
    file = root() / "log.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def adb(arguments):
    with (root() / "log.jsonl").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    if arguments == ["devices", "-l"]:
        return (
            say(scenario().get("server_error"), 1)
            if "server_error" in scenario()
            else say(scenario()["devices"], 0, sys.stdout)
        )
    if scenario().get("one_phone"):  # as people type it; our own code always names the serial
        arguments = ["-s", SERIAL, *arguments]
    assert arguments[0] == "-s", arguments
    serial, verb, rest = arguments[1], arguments[2], arguments[3:]
    if scenario().get("hangs") == verb:
        import time

        time.sleep(60)
    if (root() / "gone").exists():
        return say("error_gone.txt", 1)
    if scenario().get(verb):
        return say(scenario()[verb], 1)
    device(serial).mkdir(parents=True, exist_ok=True)
    return {"shell": shell, "push": push, "pull": pull}[verb](serial, rest)


def say(name, status, stream=None):
    (stream or sys.stderr).write(transcript(name))
    return status


def shell(serial, rest):
    line = rest[0].replace(PLACE, str(device(serial)))
    line = line.replace("/proc/meminfo", f"{TRANSCRIPTS}/meminfo.txt").replace(
        "/proc/self/status", f"{TRANSCRIPTS}/status.txt"
    )
    line = line.replace("/sys/devices/system/cpu", str(frequencies()))
    assert "/sys/" not in line and "/proc/" not in line, f"this computer's own: {line}"
    environment = {
        **os.environ,
        "PATH": f"{root() / 'tools'}:{os.environ['PATH']}",
        "SCRIPTED_SERIAL": serial,
    }
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True)
    if (root() / "gone").exists():
        return say("error_closed.txt", 1)
    if scenario().get("old_adbd"):  # no status, no second stream, a terminal's line ends
        sys.stdout.write((done.stdout + done.stderr).replace("\n", "\r\n"))
        return 0
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


def frequencies():
    """Nine cores in three clusters, as a Pixel 8 has them: kHz from public dumps of cpuinfo_max_freq."""
    folder = root() / "cpu"
    for core, khz in enumerate([1704000] * 4 + [2367000] * 4 + [2914000]):
        place = folder / f"cpu{core}" / "cpufreq"
        place.mkdir(parents=True, exist_ok=True)
        (place / "cpuinfo_max_freq").write_text(f"{khz}\n")
    return folder


def push(serial, rest):
    *sources, target = rest
    folder = Path(target.replace(PLACE, str(device(serial))))
    for source in map(Path, sources):
        data = source.read_bytes()
        if data == ARM64:
            pid, stand_in = root() / "pid", Path(__file__).with_name("benchmark_stand_in.py")
            command = " ".join([*scenario()["python"], str(stand_in)])
            data = f'#!/bin/sh\necho $$ > {pid}\nexec {command} "$@"\n'.encode()
        if source.suffix == ".tflite" and scenario().get("torn"):
            data = data[:-1] + b"?"
        (folder / source.name).write_bytes(data)
    sys.stdout.write(f"{len(sources)} files pushed, 0 skipped. 35.2 MB/s (1234 bytes in 0.010s)\n")
    return 0


def pull(serial, rest):
    *sources, target = rest
    for source in sources:
        file = Path(source.replace(PLACE, str(device(serial))))
        if not file.exists():
            sys.stderr.write(
                f"adb: error: failed to stat remote object '{source}': No such file or directory\n"
            )
            return 1
        shutil.copy(file, target)
    return 0


def tool(name, arguments):
    if name == "pkill":
        os.kill(int((root() / "pid").read_text()), 9)
        return 0
    if name == "getprop" and arguments:
        (wanted,) = arguments
        lines = dict(line[1:-1].split("]: [") for line in transcript(scenario()["getprop"]).splitlines())
        sys.stdout.write(f"{lines.get(wanted, '')}\n")
        return 0
    if name == "getprop":
        chosen = scenario()["getprop"]
        return say(
            chosen[os.environ["SCRIPTED_SERIAL"]] if isinstance(chosen, dict) else chosen, 0, sys.stdout
        )
    if name == "uname":
        return say("uname.txt", 0, sys.stdout)
    if arguments == ["battery"]:
        return say("battery.txt", 0, sys.stdout)
    dumps = scenario()["thermal"]
    if not dumps:  # before Android 10
        sys.stdout.write("Can't find service: thermalservice\n")
        return 0
    return say(dumps[min(count("thermal"), len(dumps)) - 1], 0, sys.stdout)


if __name__ == "__main__":
    what, given = sys.argv[1], sys.argv[2:]
    sys.exit(adb(given) if what == "adb" else tool(what, given))
