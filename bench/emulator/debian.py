"""Debian's part of the root.

Packages are fetched by apt with a configuration and a state of our own, and unpacked by dpkg-deb.

Nothing is installed, no administrator is needed, and the system's apt sees none of it: its sources and keys
are read, its lists, locks and caches are not. An empty status file makes apt fetch all that a package asks
for.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.console import progress, status
from pocketrag.errors import InputError

from .contents import DEBIAN, QEMU, QEMU_PACKAGE
from .tools import call, need

DEBIAN_ONLY = (
    "the root is made of Debian's packages. Set it up on Debian (or a container of it) and "
    "copy the cache folder."
)
#: Hosts that Debian has LiteRT's desktop wheels and qemu for.
HOSTS = ("amd64", "arm64")


@dataclass(frozen=True)
class Packages:
    """Downloaded packages."""

    guest: list[Path]
    """For arm64: what the root is made of."""
    host: list[Path]
    """For this host: qemu and what it asks for."""

    @property
    def versions(self) -> list[str]:
        """Return "name version" of what is used, sorted."""
        used = [*self.guest, *(package for package in self.host if package.name.startswith("qemu-user"))]
        return sorted(" ".join(package.name.replace("%3a", ":").split("_")[:2]) for package in used)


def fetch(downloads: Path, sources: Path | None) -> Packages:
    """Download the packages and all that they ask for into `downloads`.

    What is there already is not fetched again.

    Raises:
        InputError: no apt here, a host that is not known, no network, or sources without arm64.

    """
    host, configuration = _host(), _configure(downloads, sources)
    apt = [need("apt-get", DEBIAN_ONLY), "-c", str(configuration), "-q", "-y"]
    status("reading the lists of Debian's packages")
    news = _update(apt)
    status(f"fetching {', '.join(DEBIAN)} and {QEMU_PACKAGE}")
    try:
        # Each as its own machine sees it: asked together, apt would take arm64's qemu for what the host's
        # asks for.
        return Packages(
            _download(apt, downloads, DEBIAN, "arm64"), _download(apt, downloads, (QEMU_PACKAGE,), host)
        )
    except InputError as error:
        raise InputError(f"{error} {_advice(news)}") from None


def _download(apt: list[str], downloads: Path, names: Sequence[str], architecture: str) -> list[Path]:
    command = [
        *apt,
        "-o",
        f"APT::Architecture={architecture}",
        "install",
        "--download-only",
        "--no-install-recommends",
        *names,
    ]
    # Asked with an empty cache, it names all files, also those that an earlier try has left.
    listed = call(
        [*command, "--print-uris", "-o", f"Dir::Cache::archives={downloads}/none"], "Debian's packages"
    )
    call(command, "Debian's packages")
    found = (line.split() for line in listed.splitlines() if line.startswith("'"))
    return sorted(downloads / "cache" / "archives" / parts[1] for parts in found)


def _update(apt: list[str]) -> str:
    # A source that fails (it has no arm64, there is no network) is not the end: what counts is whether the
    # packages are found.
    try:
        return call([*apt, "update"], "apt-get update")
    except InputError as error:
        return f"E: {error}"


def unpack(packages: Packages, folder: Path, host_folder: Path) -> None:
    """Unpack the guest's packages into `folder / "root"`, and qemu's program alone into `folder`.

    Raises:
        InputError: one is damaged, or qemu is in none of them.

    """
    dpkg, root = need("dpkg-deb", DEBIAN_ONLY), folder / "root"
    shutil.rmtree(host_folder, ignore_errors=True)
    where = [
        *((package, root) for package in packages.guest),
        *((package, host_folder) for package in packages.host),
    ]
    for package, target in progress(where, "Unpacking"):
        call([dpkg, "-x", str(package), str(target)], package.name)
    found = host_folder / "usr" / "bin" / QEMU
    if not found.exists():
        raise InputError(f"{QEMU_PACKAGE}: holds no usr/bin/{QEMU}; use other --sources.")
    (folder / QEMU).write_bytes(found.read_bytes())  # by content: newer packages have a link there
    (folder / QEMU).chmod(0o755)
    _merge_lib(root)


def _host() -> str:
    host = call([need("dpkg", DEBIAN_ONLY), "--print-architecture"], "this host's architecture").strip()
    if host not in HOSTS:
        raise InputError(f"this host is {host!r}; the emulator is set up on {' or '.join(HOSTS)}.")
    return host


def _configure(downloads: Path, sources: Path | None) -> Path:
    if any(character in str(downloads) for character in '"\n;\\'):
        raise InputError(
            f"{downloads}: apt can't take a path with such a character; set XDG_CACHE_HOME to another."
        )
    for name in ("state/lists/partial", "cache/archives/partial", "none/partial"):
        (downloads / name).mkdir(parents=True, exist_ok=True)
    (downloads / "state" / "status").touch()
    lines = _LINES.format(downloads=downloads, host=_host())
    if sources is not None:
        if not sources.is_file():
            raise InputError(f"--sources {sources}: no such file.")
        copy = downloads / f"given{sources.suffix if sources.suffix == '.sources' else '.list'}"
        copy.write_text(sources.read_text("utf-8"), "utf-8")
        lines += f'Dir::Etc::sourcelist "{copy}";\nDir::Etc::sourceparts "/dev/null";\n'
    file = downloads / "apt.conf"
    file.write_text(lines, "utf-8")
    return file


#: Read after the system's own, so proxies and keys stay, and hooks that clean the system's cache go. Sandbox:
#: as root, apt would fetch as a user who can't write into a private cache.
_LINES = """APT::Architecture "arm64";
#clear APT::Architectures;
APT::Architectures {{ "arm64"; "{host}"; }};
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Dir::State "{downloads}/state";
Dir::State::status "{downloads}/state/status";
Dir::Cache "{downloads}/cache";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


def _advice(news: str) -> str:
    failures = [line.strip() for line in news.splitlines() if line.startswith(("E:", "Err:", "W: Failed"))]
    if failures:
        return f"The sources did not answer ({failures[0][:200]}): is there a network?"
    return (
        "This system's apt sources carry no arm64 (Ubuntu's main mirror does not): name Debian's in a "
        "file, --sources FILE."
    )


def _merge_lib(root: Path) -> None:
    # Since Debian 13 all libraries are packed below /usr, and the links at the top belong to a package that
    # is not needed else.
    for name in ("lib", "bin"):
        if not (root / name).exists():
            (root / name).symlink_to(Path("usr", name))
