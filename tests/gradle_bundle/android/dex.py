"""Class files as a phone runs them: Android's own dx makes a .dex, and its dexdump verifies and reads it."""

import os
from pathlib import Path

from tests.gradle_bundle import android_tools, fetch, toolchain
from tests.gradle_bundle.android import suites

#: dexdump and what it loads beyond what every Debian has.
DEXDUMP = (
    "dexdump", "android-libart", "android-libbacktrace", "android-libbase", "android-liblog", "android-libnativebridge",
    "android-libnativeloader", "android-libziparchive", "libatomic1", "liblz4-1", "p7zip-full",
)  # fmt: skip


def dx_jar() -> Path:
    """Return dx's jar.

    Raises:
        GoneError: no suite of Debian's has it any more.
        UnavailableError: it can't be had from here.

    """
    (jar,) = fetch._glob(suites.folder(suites.DX), "usr/share/java/com.android.dx-*.jar")
    return jar


def dexdump_folder() -> Path:
    """Return the folder of dexdump and its libraries.

    Raises:
        UnavailableError: Debian's packages can't be had.

    """
    return fetch._once("dexdump", lambda beside: fetch._fetch_debian(beside, DEXDUMP))


def dexed(jar: Path, oldest: int, file: Path) -> Path:
    """Make a .dex for phones of API level `oldest` and later.

    Raises:
        AssertionError: dx refused the classes.

    """
    command = [fetch.java(), *toolchain.JVM, "-jar", dx_jar(), "--dex", f"--min-sdk-version={oldest}"]
    android_tools.call([*command, f"--output={file}", jar])
    return file


def dexdump(*arguments: object) -> str:
    """Run dexdump, which verifies a file as ART does before it reads it.

    Raises:
        AssertionError: the file is broken.

    """
    root = dexdump_folder()
    folders = [path for pattern in android_tools.LIBRARIES for path in sorted(root.glob(pattern))]
    env = {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}
    tool = root / "usr/lib/android-sdk/build-tools/debian/dexdump"
    # Java's own UTF-8 has surrogates in it.
    return android_tools.call([tool, *arguments], env=env, errors="backslashreplace")
