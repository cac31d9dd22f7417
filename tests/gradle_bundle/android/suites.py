"""Debian packages that the machine's own release has no more, taken from the suites that still carry them, without root."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.gradle_bundle import fetch


class GoneError(fetch.UnavailableError):
    """The archive answers, and none of the suites carries the package any more: nothing on this machine mends that."""


@dataclass(frozen=True)
class Package:
    """A package of an older or newer suite than the machine's; what is unpacked is what has this digest."""

    name: str
    suites: tuple[str, ...]
    sha256: str


#: Google's android.jar of API 23, built by Debian from AOSP 6.0.1: every public signature, every body an exception.
ANDROID_23 = Package(
    "libandroid-23-java",
    ("bullseye", "sid"),
    "8af1b6df556971dda0a6da3536ea526a838e0c363afcdd454213d8bce94793e3",
)
#: `dx` of Android 10, the last that Debian built: class files to a .dex.
DX = Package(
    "dalvik-exchange", ("bullseye",), "8fc128db7c27253d963eb9b33de79b197162a4749d2ba69019b2fd0664cbd7fe"
)
#: What apt says of a suite or a package that an archive has not (any more).
GONE = ("404  Not Found", "does not have a Release file", "Unable to locate package")


def folder(package: Package) -> Path:
    """Return the folder of the cache that holds the package's files.

    Raises:
        GoneError: no suite has it.
        UnavailableError: this is no Debian, or the archive does not answer.

    """
    return fetch._once(f"debian-{package.name}-{package.sha256[:8]}", lambda beside: _fetch(beside, package))


def _fetch(beside: Path, package: Package) -> None:
    """Take it from the first suite that has it."""
    site, said = _archive(beside), []
    for suite in package.suites:
        try:
            archive = _download(beside, site, suite, package.name)
        except fetch.UnavailableError as error:
            said.append(f"{suite}: {error}")
            continue
        _check(archive, package)
        fetch._call(["dpkg-deb", "-x", archive.name, "."], beside)
        archive.unlink()
        shutil.rmtree(beside / "apt")
        return
    gone = all(any(word in text for word in GONE) for text in said)
    raise (GoneError if gone else fetch.UnavailableError)(f"{package.name}: {'; '.join(said)}")


def _check(archive: Path, package: Package) -> None:
    if hashlib.sha256(archive.read_bytes()).hexdigest() != package.sha256:
        raise AssertionError(f"{archive.name}: not the {package.name} that is pinned here; do not use it.")


def _archive(beside: Path) -> str:
    """Return where the machine's own apt finds Debian: its lists say whose an address is, and may have to be fetched first."""
    question = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    for options in ([], _state(beside)):
        if options:
            fetch._call(["apt-get", *options, "update"], beside)
        found = fetch._call(["apt-get", *options, *question], beside).split()
        if found:
            return found[0]
    raise fetch.UnavailableError("apt's sources name no archive of Debian's")


def _download(beside: Path, site: str, suite: str, name: str) -> Path:
    # Which keys sign a suite differs from release to release; the pinned digest says more than a signature would.
    sources = beside / "apt" / "sources.list"
    options = _state(beside)
    sources.write_text(f"deb [trusted=yes] {site} {suite} main\n")
    options += [f"-oDir::Etc::sourcelist={sources}", "-oDir::Etc::sourceparts=-"]
    fetch._call(["apt-get", *options, "update"], beside)
    fetch._call(["apt-get", *options, "download", f"{name}/{suite}"], beside)
    (archive,) = beside.glob(f"{name}_*.deb")
    return archive


def _state(beside: Path) -> list[str]:
    """Return options that keep apt's lists in a folder of ours, which needs no root."""
    for part in ("state/lists/partial", "cache/archives/partial"):
        (beside / "apt" / part).mkdir(parents=True, exist_ok=True)
    apt = beside / "apt"
    return [
        f"-oDir::State={apt}/state",
        f"-oDir::Cache={apt}/cache",
        "-oDir::State::status=/var/lib/dpkg/status",
    ]
