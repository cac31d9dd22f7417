"""`pocketrag aar`: a bundle -> an Android archive in a Maven repository folder.

An app takes it with one line and no build.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.android import AarFacts

from .android.assets import ASSETS, Carried, carried
from .android.maven import Coordinates, list_versions, module, pom, write_checksums

GROUP = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")
#: The oldest time that a zip can hold, for every entry: when it was packed is nobody's business.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: rw-r--r-- of a plain file, rwxr-xr-x of a folder, in the upper half as unzip reads it (APPNOTE 4.4.15); 3
#: is Unix (4.4.2).
FILE, FOLDER, UNIX = 0o100644 << 16, 0o40755 << 16, 3
#: Below it no runtime (gradle-bundle).
MIN_SDK = 26


def aar(bundle: str, *, out: str, group: str = "dev.pocketrag") -> AarFacts:
    """Write `GROUP:rag-assets-NAME:VERSION` to the Maven repository folder `out`.

    The same bundle gives the same bytes.

    Args:
        bundle: the folder of a bundle; its digests are checked first.
        out: the repository's folder; other artifacts and versions in it stay.
        group: Maven's group, dotted words.

    Raises:
        InputError: the bundle is damaged or of another contract, the group is none, the version is a
            snapshot, or this version is there already with other bytes.

    """
    repository = Path(out)
    _usable(repository, group)
    status("checking digests")
    source = carried(bundle)
    at = Coordinates(group, f"rag-assets-{source.manifest.name}", source.manifest.version)
    if at.version.upper().endswith("SNAPSHOT"):
        raise InputError(
            f"{bundle}: version {at.version} is a snapshot, which Maven lays out otherwise. Give "
            "the recipe another."
        )
    target = at.folder(repository) / at.version
    status(f"packing {target / at.file('aar')}")
    with files.new_folder(target) as temporary:
        _pack(source, at, temporary)
        if target.exists() and files.digests(target) != files.digests(temporary):
            raise InputError(
                f"{target}: is there already with other bytes. Raise the recipe's `version` and build again."
            )
    archive = target / at.file("aar")
    return AarFacts(
        implementation=f"{at.group}:{at.artifact}:{at.version}@aar",
        repository=str(repository),
        aar=str(archive),
        bytes=archive.stat().st_size,
        sha256=files.sha256(archive),
        versions=tuple(list_versions(at, repository)),
    )


def namespace(at: Coordinates) -> str:
    """Return the Android package of the archive.

    Of its own for each bundle, as AGP 8 asks of every library.
    """
    return f"{at.group}.{at.artifact}".replace("-", "_")


def _usable(repository: Path, group: str) -> None:
    if not GROUP.fullmatch(group):
        raise InputError(
            f"--group: {group!r} is not a Maven group; write dotted words, as in com.example.app."
        )
    if repository.exists() and not repository.is_dir():
        raise InputError(f"{repository}: is not a folder. Choose another --out.")


def _pack(source: Carried, at: Coordinates, folder: Path) -> None:
    """Write the version's files and their checksums."""
    archive = folder / at.file("aar")
    _archive(source, at, archive)
    licence = source.manifest.licences.get("model", "see NOTICE")
    (folder / at.file("pom")).write_text(
        pom(at, f"Offline retrieval: {source.manifest.model_id}", licence), "utf-8"
    )
    (folder / at.file("module")).write_text(module(at, archive), "utf-8")
    for ending in ("aar", "pom", "module"):
        write_checksums(folder / at.file(ending))


def _archive(source: Carried, at: Coordinates, archive: Path) -> None:
    """Write the AAR.

    All is stored: bytes then depend on no zlib, and the app's build compresses what it lists as no
    `noCompress`.

    Entries: developer.android.com/studio/projects/android-library#aar-contents, and those that the older page
    tools.android.com/tech-docs/new-build-system/aar-format calls mandatory.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as made:
        _entry(made, "AndroidManifest.xml", _manifest(at))
        _entry(made, "classes.jar", _empty_jar())
        _entry(made, "R.txt", b"")
        _entry(made, "res/", b"")
        for name, digest in source.files.items():
            _copy(made, f"assets/{ASSETS}/{source.manifest.name}/{name}", source.folder / name)
            if files.sha256(source.folder / name) != digest:
                raise InputError(
                    f"{source.folder / name}: changed while it was copied. Run the same command again."
                )


def _manifest(at: Coordinates) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android"
    package="{namespace(at)}">

    <uses-sdk android:minSdkVersion="{MIN_SDK}" />

</manifest>
""".encode()


def _empty_jar() -> bytes:
    """Return a jar without classes: AGP wants the file, and there is no code."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w"):
        pass
    return stream.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = UNIX
    info.external_attr = FOLDER | 0x10 if name.endswith("/") else FILE
    return info


def _entry(made: zipfile.ZipFile, name: str, content: bytes) -> None:
    made.writestr(_info(name), content)


def _copy(made: zipfile.ZipFile, name: str, source: Path) -> None:
    info = _info(name)
    info.file_size = source.stat().st_size  # so that zipfile knows whether it needs the 64-bit form
    with source.open("rb") as read, made.open(info, "w") as write:
        shutil.copyfileobj(read, write, 1 << 20)
