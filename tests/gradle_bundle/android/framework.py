"""The real android.jar of API 23, and the few members of API 24 to 26 that the runtime calls, added to it for the compiler."""

import functools
import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.gradle_bundle import built, fetch, toolchain
from tests.gradle_bundle.android import classfile, sample_resources, suites
from tests.gradle_bundle.android.classfile import NATIVE, PUBLIC, STATIC, VARARGS

LEVEL = 23
#: Methods that classes of API 23 got by API 26: a compiler finds them where they are added. Whole classes lie in `api26/`.
LATER = {
    "java/lang/Math": [(PUBLIC | STATIC | NATIVE, "addExact", "(JJ)J")],
    "java/io/File": [(PUBLIC | NATIVE, "toPath", "()Ljava/nio/file/Path;")],
    "java/nio/channels/FileChannel": [
        (
            PUBLIC | STATIC | NATIVE | VARARGS,
            "open",
            "(Ljava/nio/file/Path;[Ljava/nio/file/OpenOption;)Ljava/nio/channels/FileChannel;",
        )
    ],
}
#: Java sources: kotlinc reads them, and needs no javac for that.
SOURCES = sorted((Path(__file__).parent / "api26").rglob("*.java"))
#: Nothing of the JDK that runs the compiler: `java.*` is Android's.
OPTIONS = ("-no-jdk",)
SAMPLE = toolchain.RUNTIME.parents[3] / "sample" / "src"
#: The sample's source folders: those of every build, and beside them one of two.
ALWAYS, PASSAGES, ANSWERS = (SAMPLE / name / "kotlin" for name in ("main", "passages", "answers"))
JAR = "usr/share/java/com.android.android-23.jar"


def android_jar() -> Path:
    """Return the android.jar.

    Raises:
        GoneError: no suite of Debian's has it any more.
        UnavailableError: it can't be had from here.

    """
    return suites.folder(suites.ANDROID_23) / JAR


@functools.cache
def _names() -> tuple[zipfile.ZipFile, frozenset[str]]:
    archive = zipfile.ZipFile(android_jar())
    return archive, frozenset(archive.namelist())


@functools.cache
def read(name: str) -> classfile.ClassFile | None:
    """Return a class of the android.jar by its name in class files, `java/util/Map$Entry`; None where API 23 has it not."""
    archive, names = _names()
    return classfile.read(archive.read(f"{name}.class")) if f"{name}.class" in names else None


def classpath() -> list[Path]:
    """Return what stands for the framework of API 26 on a compiler's class path, `org.json` included."""
    digest = hashlib.sha256(repr(LATER).encode()).hexdigest()[:8]
    return [fetch._once(f"android-23-later-{digest}", _graft) / "later.jar", android_jar()]


def _graft(beside: Path) -> None:
    with zipfile.ZipFile(android_jar()) as given, zipfile.ZipFile(beside / "later.jar", "w") as later:
        for name, methods in LATER.items():
            file = f"{name}.class"
            later.writestr(zipfile.ZipInfo(file), classfile.with_methods(given.read(file), methods))


def runtime(options: Sequence[str] = ()) -> Path:
    """Return the runtime and the adapters, compiled against the framework and the stubs of libraries, with further options."""
    sources = [toolchain.RUNTIME, built.EDGE, built.DELIVERY, built.ANSWER, *built.libraries(), *SOURCES]
    path = [*classpath(), toolchain.coroutines()]
    return toolchain.compile(sources, path, options=(*toolchain.STRICT, *OPTIONS, *options))


def sample(folder: Path = ALWAYS, beside: Path = PASSAGES, options: Sequence[str] = ()) -> Path:
    """Return the sample's classes, or those of a copy of its sources; an app needs no explicit API."""
    strict = [option for option in toolchain.STRICT if "explicit-api" not in option]
    path = [*classpath(), runtime(options), toolchain.coroutines()]
    return toolchain.compile(
        [folder, beside, sample_resources.r_java(answers=beside == ANSWERS), *SOURCES],
        path,
        options=(*strict, *OPTIONS, *options),
    )
