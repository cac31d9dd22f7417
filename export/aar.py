"""`pocketrag aar`: a bundle -> an Android archive in a Maven repository folder, with the runtime beside it.

An app takes each with one line and no build.
"""

from __future__ import annotations

import functools
import io
import re
import zipfile
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.android import AarFacts
from pocketrag.formats.generator.answer_tiers import TIERS
from pocketrag.formats.npu import npu_beside

from .android import archive, runtime
from .android.assets import ASSETS, Carried, carried
from .android.descriptors import Licence, module, pom
from .android.maven import Coordinates, write_version
from .android.offered import Offered, offered

GROUP = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")


def aar(bundle: str, *, out: str, group: str = "dev.pocketrag") -> AarFacts:
    """Write `GROUP:rag-assets-NAME:VERSION` to the Maven repository folder `out`, and the runtime beside it.

    The same bundle gives the same bytes.

    Args:
        bundle: the folder of a bundle; its digests are checked first.
        out: the repository's folder; other artifacts and versions in it stay.
        group: Maven's group of the bundle, dotted words; the runtime's own is always dev.pocketrag.

    Raises:
        InputError: the bundle is damaged or of another contract, the group is none, the version is a
            snapshot, or this version or the runtime's is there already with other bytes.

    """
    if not out:
        raise InputError("--out: names no folder.")
    repository = Path(out)
    _usable(repository, group)
    status("checking digests")
    source = carried(bundle)
    answers = offered(source)
    at = Coordinates(group, f"rag-assets-{source.manifest.name}", source.manifest.version)
    if at.version.upper().endswith("SNAPSHOT"):
        raise InputError(
            f"{bundle}: version {at.version} is a snapshot, which Maven lays out otherwise. Give "
            "the recipe another."
        )
    made = at.folder(repository) / at.version / at.file(".aar")
    status(f"packing {made}")
    runtime.publish(repository)
    remedy = "Raise the recipe's `version` and build again."
    versions = write_version(at, repository, functools.partial(_fill, source, answers, at), remedy)
    return AarFacts(
        implementation=f"{at}@aar",
        runtime=str(runtime.coordinates()),
        repository=str(repository),
        aar=str(made),
        bytes=made.stat().st_size,
        sha256=files.sha256(made),
        versions=tuple(versions),
        answers=answers.names if answers else (),
        left_out=_left_out(source),
    )


def namespace(at: Coordinates) -> str:
    """Return the Android package of the archive.

    Of its own for each bundle, as AGP 8 asks of every library.
    """
    return f"{at.group}.{at.artifact}".replace("-", "_")


def _left_out(source: Carried) -> str | None:
    """Say that NPU files are not in the archive: Play tells phones apart in packs alone."""
    folder = npu_beside(source.folder)
    if not files.is_there(folder):
        return None
    left = (
        f"{folder}: not in the archive, which would bring the files of every NPU to every phone. "
        "`pocketrag gradle` delivers to each its own."
    )
    status(left)
    return left


def _usable(repository: Path, group: str) -> None:
    if not GROUP.fullmatch(group):
        raise InputError(
            f"--group: {group!r} is not a Maven group; write dotted words, as in com.example.app."
        )
    if repository.exists() and not repository.is_dir():
        raise InputError(f"{repository}: is not a folder. Choose another --out.")


def _fill(source: Carried, answers: Offered | None, at: Coordinates, folder: Path) -> None:
    """Write the version's files."""
    made = folder / at.file(".aar")
    _archive(source, answers, at, made)
    licence = Licence(
        source.manifest.licences.get("model", "see NOTICE"),
        "Of the embedding model; NOTICE in the bundle has all of them.",
    )
    description = f"Offline retrieval: {source.manifest.model_id}"
    (folder / at.file(".pom")).write_text(pom(at, description, licence), "utf-8")
    (folder / at.file(".module")).write_text(module(at, made), "utf-8")


def _archive(source: Carried, answers: Offered | None, at: Coordinates, file: Path) -> None:
    """Write the AAR; of the answers the tiers alone: a generator must lie as plain files, and not in an APK.

    Entries: developer.android.com/studio/projects/android-library#aar-contents, and those that the older page
    tools.android.com/tech-docs/new-build-system/aar-format calls mandatory.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        archive.add(made, "AndroidManifest.xml", archive.manifest(namespace(at)))
        archive.add(made, "classes.jar", _empty_jar())
        archive.add(made, "R.txt", b"")
        archive.add(made, "res/", b"")
        for name, digest in source.files.items():
            archive.copy(made, f"assets/{ASSETS}/{source.manifest.name}/{name}", source.folder / name)
            if files.sha256(source.folder / name) != digest:
                raise InputError(
                    f"{source.folder / name}: changed while it was copied. Run the same command again."
                )
        if answers:
            archive.add(made, f"assets/{ASSETS}/{source.manifest.name}{TIERS}", answers.data)


def _empty_jar() -> bytes:
    """Return a jar without classes: AGP wants the file, and there is no code."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w"):
        pass
    return stream.getvalue()
