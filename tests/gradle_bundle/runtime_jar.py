"""rag-runtime's classes.jar, which the wheel carries: compiled from the sources in the tree, and packed alike on every machine.

`make runtime` (`python -m tests.gradle_bundle.runtime_jar`) writes it; test_runtime_jar.py compiles again and compares.
"""

import io
import zipfile
from pathlib import Path

from tests.gradle_bundle import fetch, toolchain

FILE = toolchain.RUNTIME.parents[2] / "classes.jar"
#: What Android, LiteRT, SQLite and the RAG SDK bring to the runtime's callers and to itself.
STUBS = Path(__file__).parent / "stubs"
#: The name by which Kotlin tells what is internal to the runtime from what is internal to an app.
MODULE = ("-module-name", "rag-runtime")
#: The oldest time that a zip can hold: when it was packed is nobody's business.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: rw-r--r-- of a plain file, in the upper half as unzip reads it (APPNOTE 4.4.15); 3 is Unix (4.4.2).
PLAIN, UNIX = 0o100644 << 16, 3


def stubs() -> Path:
    """Return the jar of the stubs, apart from the runtime as the real libraries are."""
    return toolchain.compile([STUBS], toolchain.libraries())


def compiled() -> Path:
    """Return the runtime's jar as kotlinc writes it, against the oldest standard library that an app may have."""
    return toolchain.compile(
        [toolchain.RUNTIME],
        [stubs(), *toolchain.libraries()],
        options=(*toolchain.STRICT, *MODULE),
        library=fetch.OLDEST,
    )


def packed(jar: Path) -> bytes:
    """Return a jar's files packed again: sorted, without times, deflated; kotlinc's own manifest is left out, since it names the compiler."""
    stream = io.BytesIO()
    with zipfile.ZipFile(jar) as read, zipfile.ZipFile(stream, "w") as made:
        for name in sorted(read.namelist()):
            if name.endswith("/") or name == "META-INF/MANIFEST.MF":
                continue
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = UNIX, PLAIN
            made.writestr(info, read.read(name), zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def main() -> None:
    """Write the jar."""
    FILE.write_bytes(packed(compiled()))


if __name__ == "__main__":
    main()
