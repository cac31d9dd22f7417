"""What the Kotlin tests need and a machine may lack, fetched once into the user's cache, without root: kotlinc, Java, JVM libraries."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pocketrag"
#: The compiler, and the oldest one that an app may have: the version of AGP 9's own Kotlin (libs.versions.toml has both).
KOTLIN, OLDEST = "2.4.20", "2.2.10"
#: The npm package holds JetBrains' own distribution (lib/kotlin-compiler.jar, lib/kotlin-stdlib.jar, ...); the digests are the registry's.
KOTLIN_SHA512 = {
    KOTLIN: "IF5IVM7LpPhA/ntHQQpaVt1yxpaaQovtEVYLyqWMuaLr0XelLPPm7/sM6HLhtcRjjjoSsK7I7lP2kzYJkMy73w==",
    OLDEST: "UoCcIPX44/hW2XDaXulcbV2wmymvVRf4REqVEp4T0vlfLGKa3eUvYXG93yg7g7dbHcOyHkZRhL0BJ5mjFkU1uw==",
}
#: What the runtime is compiled for; newer ones run it as well.
JAVA = 17
JRE = f"openjdk-{JAVA}-jre-headless"
JDK = f"openjdk-{JAVA}-jdk-headless"
SECONDS = 600


class UnavailableError(Exception):
    """A tool is neither here nor to be had from here; says which and what was tried."""


@dataclass(frozen=True)
class Library:
    """Debian packages that together make a library, the jars among their files, and the folders of native code (globs)."""

    packages: tuple[str, ...]
    jars: tuple[str, ...]
    native: tuple[str, ...] = ()


LIBRARIES = {
    # Android's own org.json as Debian packages it: the same source, so that tests meet the parser that a phone has.
    "org.json": Library(("libandroid-json-org-java",), ("usr/share/java/json-android-*.jar",)),
    # JDBC over Debian's SQLite (3.40 in Debian 12: FTS5 and the JSON functions are in it).
    "sqlite": Library(
        ("libxerial-sqlite-jdbc-java", "libxerial-sqlite-jdbc-jni", "libsqlite3-0"),
        ("usr/share/java/xerial-sqlite-jdbc-*.jar",),
        ("usr/lib/*/jni", "usr/lib/*-linux-gnu*"),
    ),
}


def kotlin_home(version: str = KOTLIN) -> Path:
    """Return the folder whose `lib` holds the jars of a kotlinc.

    Raises:
        UnavailableError: it is not in the cache, and npm is not there or reaches no registry.

    """
    return _once(f"kotlin-{version}", lambda beside: _fetch_kotlin(beside, version))


def java() -> Path:
    """Return a `java` of version 17 or later: JAVA_HOME's, the PATH's, or Debian's in the cache.

    Raises:
        UnavailableError: there is none, and Debian's can't be had.

    """
    homes = [Path(home) / "bin" / "java" for home in (os.environ.get("JAVA_HOME"),) if home]
    on_path = shutil.which("java")
    for found in [*homes, *([Path(on_path)] if on_path else [])]:
        if _java_version(found) >= JAVA:
            return found
    folder = _once(f"java-{JAVA}", lambda beside: _fetch_debian(beside, (JRE,)))
    found = _glob(folder, f"usr/lib/jvm/java-{JAVA}-openjdk-*/bin/java")[0]
    if _java_version(found) < JAVA:
        raise UnavailableError(f"{found}: Debian's {JRE} does not start here.")
    return found


def javac() -> Path:
    """Return the `javac` beside `java()`, or Debian's in the cache where that is a JRE.

    Raises:
        UnavailableError: there is none, and Debian's can't be had.

    """
    beside = java().resolve().parent / "javac"
    if beside.exists():
        return beside
    folder = _once(f"jdk-{JAVA}", lambda beside: _fetch_debian(beside, (JRE, JDK)))
    return _glob(folder, f"usr/lib/jvm/java-{JAVA}-openjdk-*/bin/javac")[0]


def library(name: str) -> tuple[list[Path], list[Path]]:
    """Return the jars of a library of `LIBRARIES`, and the folders of its native code.

    Raises:
        UnavailableError: it is not in the cache, and apt-get is not there or reaches no archive.

    """
    wanted = LIBRARIES[name]
    folder = _once(f"jvm-{name}", lambda beside: _fetch_debian(beside, wanted.packages))
    jars = [path for pattern in wanted.jars for path in _glob(folder, pattern)]
    return jars, [path for pattern in wanted.native for path in _glob(folder, pattern)]


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


def _fetch_kotlin(beside: Path, version: str) -> None:
    """Take of the compiler what a JVM compilation needs."""
    parts = ("package/lib", "package/license", "package/build.txt")
    fetch_npm(beside, "kotlin-compiler", version, KOTLIN_SHA512[version], parts)


def fetch_npm(beside: Path, package: str, version: str, sha512: str, parts: Sequence[str]) -> None:
    """Let npm pack a package, check its digest (base64, as the registry writes it), unpack the parts named, without `package/`.

    Raises:
        UnavailableError: npm is not there, or reaches no registry.

    """
    row = json.loads(_call(["npm", "pack", f"{package}@{version}", "--json"], beside))
    row = next(iter(row.values())) if isinstance(row, dict) else row[0]  # npm 11 and later key it by name
    file = beside / Path(row["filename"]).name
    if base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode() != sha512:
        raise AssertionError(f"{file.name}: not the {package} {version} that is pinned here; do not use it.")
    _call(["tar", "-xzf", file.name, "--strip-components=1", *parts], beside)
    file.unlink()


def _fetch_debian(beside: Path, packages: tuple[str, ...]) -> None:
    """Download packages (apt checks their signatures) and lay their files out, links made relative to the folder."""
    try:
        _call(["apt-get", "download", *packages], beside)
    except UnavailableError:  # the lists are missing or old: fetch them, to a place that needs no root
        state = [
            f"-oDir::State={beside}/state",
            f"-oDir::Cache={beside}/cache",
            "-oDir::State::status=/var/lib/dpkg/status",
        ]
        (beside / "state" / "lists" / "partial").mkdir(parents=True)
        (beside / "cache" / "archives" / "partial").mkdir(parents=True)
        _call(["apt-get", *state, "update"], beside)
        _call(["apt-get", *state, "download", *packages], beside)
        shutil.rmtree(beside / "state")
        shutil.rmtree(beside / "cache")
    for archive in sorted(beside.glob("*.deb")):
        _call(["dpkg-deb", "-x", archive.name, "."], beside)
        archive.unlink()
    for link in (path for path in beside.rglob("*") if path.is_symlink()):
        target = link.readlink()
        if target.is_absolute():  # a JRE's settings lie in /etc
            inside = beside / target.relative_to("/")
            link.unlink()
            link.symlink_to(os.path.relpath(inside, link.parent))


def _call(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{' '.join(command)}: {error}") from error
    if done.returncode:
        raise UnavailableError(f"{' '.join(command)}: {(done.stderr or done.stdout)[-500:]}")
    return done.stdout


def _java_version(java: Path) -> int:
    """Return the feature version of a `java`, 0 where it does not start."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found[1]) if found and not done.returncode else 0


def _glob(folder: Path, pattern: str) -> list[Path]:
    """Return the files or folders that a pattern finds, each once (packages lay links beside their jars)."""
    found = sorted({path.resolve() for path in folder.glob(pattern)})
    if not found:
        raise UnavailableError(f"{folder}: holds no {pattern}; remove the folder to have it fetched again.")
    return found
