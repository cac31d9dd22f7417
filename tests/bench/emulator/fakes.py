"""Stand-ins for the emulator and for the system's programs, so that all but the emulation itself is tested offline."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

from pocketrag.bench.emulator.contents import FACTS, LITERT, QEMU, Root, folder_of
from pocketrag.bench.emulator.cores import CORES

#: What a fake qemu does before it runs the guest on this very machine: nothing of `-L ROOT -cpu CPU` has a meaning here.
GUEST_HERE = f"""shift 5
exec env -i PATH="$PATH" OMP_NUM_THREADS=1 {sys.executable} "$@"
"""


def program(file, body):
    file.write_text(f"#!/bin/sh\n{body}")
    file.chmod(0o755)
    return file


def fake_root(before="", litert=LITERT) -> Root:
    """A root whose qemu runs the guest on the host; `before` is shell: `$4` is the core."""
    folder = folder_of(litert)
    for name in ("site", "root/usr/bin", *(f"cpus/{core.folder}" for core in CORES)):
        (folder / name).mkdir(parents=True)
    program(folder / QEMU, before + GUEST_HERE)
    facts = {"python": "python3", "litert": litert, "qemu": "0.0", "numpy": "0", "machine": "fake"}
    (folder / FACTS).write_text(json.dumps(facts))
    return Root(folder, facts)


APT = """echo "$@" >> {log}
case "$*" in
  *--print-uris*qemu* | *qemu*--print-uris*) echo "'x' {package}_1_{host}.deb 1 x" ;;
  *--print-uris*) echo "'x' python3-minimal_1_arm64.deb 1 x" ;;
  *" install "*) touch {archives}/python3-minimal_1_arm64.deb {archives}/{package}_1_{host}.deb ;;
  *update*) {update} ;;
esac
"""
UNPACK = """mkdir -p "$3/usr/bin"
case "$2" in
  *qemu*) cp {qemu} "$3/usr/bin/qemu-aarch64-static" ;;
  *) mkdir -p "$3/usr/lib"; touch "$3/usr/bin/python3.11" ;;
esac
"""
VERSIONS = '{"litert": "2.3.0", "numpy": "2", "machine": "aarch64", "runtime": ""}'
STARTS = f"""case "$1" in --version) echo "qemu-aarch64 version 7.2.22 (Debian)" ;; *) echo '{VERSIONS}' ;; esac
"""


def fake_tools(folder: Path, home: Path, host="amd64", update="true", qemu=STARTS) -> dict[str, str]:
    """Programs that act like apt, dpkg and qemu, and a shelf of wheels for pip; returns the environment that finds them alone."""
    (folder / "bin").mkdir()
    (folder / "wheels").mkdir()
    archives = home / "pocketrag" / "emulator" / "downloads" / "cache" / "archives"
    apt = APT.format(
        log=folder / "apt.log", archives=archives, package="qemu-user-static", host=host, update=update
    )
    program(folder / "bin" / "apt-get", apt)
    program(folder / "bin" / "dpkg", f"echo {host}\n")
    program(folder / "bin" / "dpkg-deb", UNPACK.format(qemu=program(folder / "fake-qemu", qemu)))
    for name in ("sh", "mkdir", "touch", "cp", "env", "cat", "sleep"):
        (folder / "bin" / name).symlink_to(shutil.which(name))
    with zipfile.ZipFile(folder / "wheels" / "ai_edge_litert-2.3.0-py3-none-any.whl", "w") as wheel:
        about = "ai_edge_litert-2.3.0.dist-info"
        wheel.writestr("ai_edge_litert/__init__.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: ai-edge-litert\nVersion: 2.3.0\n")
        wheel.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{about}/RECORD", "")
    return {
        "PATH": str(folder / "bin"),
        "XDG_CACHE_HOME": str(home),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder / "wheels"),
        "PIP_CONFIG_FILE": "/dev/null",
    }
