"""The AARs of rag-runtime, rag-delivery and rag-answer, which the wheel carries: compiled from the sources in the tree, packed alike everywhere.

`make runtime` (`python -m tests.gradle_bundle.runtime_jar`) writes them; test_runtime_jar.py compiles again and compares.
"""

import hashlib
import io
import os
import zipfile
from pathlib import Path

from pocketrag.export.android.runtime import LIBRARIES, RUNTIME, Library, write_archive
from pocketrag.gradle_bundle import archive, classes, sources

from tests.gradle_bundle import fetch, toolchain

#: What Android, LiteRT, SQLite, Play and the RAG SDK bring to the callers of ours and to themselves.
STUBS = Path(__file__).parent / "stubs"
#: The oldest time that a zip can hold: when it was packed is nobody's business.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: rw-r--r-- of a plain file, in the upper half as unzip reads it (APPNOTE 4.4.15); 3 is Unix (4.4.2).
PLAIN, UNIX = 0o100644 << 16, 3


def stubs() -> Path:
    """Return the jar of the stubs, apart from our own as the real libraries are."""
    return toolchain.compile([STUBS], toolchain.libraries())


def compiled(library: str = RUNTIME.name) -> Path:
    """Return a library's jar as kotlinc writes it, against the oldest standard library that an app may have.

    Its name is the module's, by which Kotlin tells what is internal to it from what is internal to an app.
    """
    others = [] if library == RUNTIME.name else [compiled()]
    return toolchain.compile(
        [sources(library)],
        [*others, stubs(), *toolchain.libraries()],
        options=(*toolchain.STRICT, "-module-name", library),
        library=fetch.OLDEST,
    )


def packed(jar: Path) -> bytes:
    """Return a jar's files packed again: sorted, without times, stored, since an AAR and a wheel deflate all as one stream.

    kotlinc's own manifest is left out: it names the compiler.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(jar) as read, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(read.namelist()):
            if name.endswith("/") or name == "META-INF/MANIFEST.MF":
                continue
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = UNIX, PLAIN
            made.writestr(info, read.read(name))
    return stream.getvalue()


def shipped(library: str = RUNTIME.name) -> Path:
    """Return the jar in a library's AAR, for a compiler to read."""
    data = classes(library)
    file = fetch.CACHE / "jars" / f"shipped-{hashlib.sha256(data).hexdigest()[:32]}.jar"
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_bytes(data)
    return beside.replace(file)


def write(library: Library, file: Path) -> None:
    """Compile a library and write its AAR."""
    write_archive(library, packed(compiled(library.name)), file)


def main() -> None:
    """Write the AARs."""
    for library in LIBRARIES:
        write(library, archive(library.name))


if __name__ == "__main__":
    main()
