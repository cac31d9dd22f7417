"""The real Kotlin compiler and a JVM, for tests: compile sources to a jar (once for the same bytes), and run it."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.gradle_bundle import fetch

#: What only weighs is left out of the runtime's classes: checks for null from Java (Kotlin callers have the types), hints for stepping
#: through inlined code, calls that Android 8 would rewrite to a StringBuilder anyway, and copies of default methods for Kotlin before 1.3.
SLIM = (
    "-Xno-param-assertions",
    "-Xno-call-assertions",
    "-Xno-receiver-assertions",
    "-Xno-source-debug-extension",
    "-Xstring-concat=inline",
    "-jvm-default=no-compatibility",
)
#: How the runtime is compiled: explicit API, no warning let through, bytecode 17. 2.2 is the oldest language that kotlinc 2.4 takes
#: without a warning, and so old is the Kotlin that AGP 9 has built in: it can still read the classes.
STRICT = (
    "-Werror",
    "-Wextra",
    "-Xexplicit-api=strict",
    "-language-version",
    "2.2",
    "-api-version",
    "2.2",
    "-jvm-target",
    "17",
    *SLIM,
)
#: What kotlinc's own start script would load.
COMPILER = (
    "kotlin-compiler", "kotlin-stdlib", "kotlin-script-runtime", "kotlin-reflect", "kotlin-daemon-client",
    "kotlinx-coroutines-core-jvm", "annotations-13.0",
)  # fmt: skip
#: Short-lived processes on few cores: one collector thread; the compiler is gone before the second compiler tier pays.
JVM = ("-XX:+UseSerialGC",)
QUICK = ("-XX:TieredStopAtLevel=1", "-Xmx1g")
RUNTIME = Path(__file__).parents[2] / "gradle-bundle" / "rag-runtime" / "src" / "main" / "kotlin"


class CompileError(AssertionError):
    """The compiler refused the sources; the message is what it printed."""


def stdlib(kotlin: str = fetch.KOTLIN) -> Path:
    """Return kotlin-stdlib.jar, which every compiled jar needs to run."""
    return fetch.kotlin_home(kotlin) / "lib" / "kotlin-stdlib.jar"


def coroutines() -> Path:
    """Return kotlinx-coroutines-core-jvm.jar, which lies beside the compiler."""
    return fetch.kotlin_home() / "lib" / "kotlinx-coroutines-core-jvm.jar"


def jars(*names: str) -> list[Path]:
    """Return the jars of the libraries of `fetch.LIBRARIES` ("org.json", "sqlite"), fetched where they are missing."""
    return [jar for name in names for jar in fetch.library(name)[0]]


def libraries() -> list[Path]:
    """Return the jars that the runtime is compiled with, beside the stubs, and runs with."""
    return [coroutines(), *jars("org.json")]


def compile(
    sources: Sequence[Path],
    classpath: Sequence[Path] = (),
    out_jar: Path | None = None,
    options: Sequence[str] = STRICT,
    *,
    kotlin: str = fetch.KOTLIN,
    library: str | None = None,
) -> Path:
    """Compile Kotlin files and folders of them; return the jar, which lies in the cache, or at `out_jar` where that is given.

    The jar's name is the digest of sources, class path, options and compiler: what was compiled before is taken as it is.

    Args:
        kotlin: the compiler's version, one of `fetch.KOTLIN_SHA512`.
        library: the version of the standard library to compile against, the compiler's own where none is named.

    Raises:
        CompileError: an error or a warning.
        UnavailableError: no compiler or no JVM is to be had.

    """
    files = _kotlin_files(sources)
    path = [stdlib(library or kotlin), *classpath]
    jar = fetch.CACHE / "jars" / f"{_digest(files, path, options, kotlin)}.jar"
    if not jar.exists():
        _compile(files, path, options, jar, kotlin)
    if out_jar is not None:
        shutil.copyfile(jar, out_jar)
    return out_jar or jar


def run(
    jar: Path, main: str, args: Sequence[str] = (), stdin: bytes = b"", *, classpath: Sequence[Path] = (),
    native: Sequence[str] = (), memory: str = "512m", seconds: float = 300, check: bool = True,
) -> subprocess.CompletedProcess:  # fmt: skip
    """Run the class `main` of a jar (`dev.pocketrag.CheckKt` for a top-level `main` in Check.kt) and return what it wrote, as bytes.

    Args:
        classpath: further jars; the standard library is there already.
        native: libraries of `fetch.LIBRARIES` whose native code it loads ("sqlite").
        memory: the heap's limit.
        seconds: after which it counts as hanging.
        check: raise AssertionError with its standard error where the exit code is not 0.

    """
    folders = os.pathsep.join(str(folder) for name in native for folder in fetch.library(name)[1])
    path = os.pathsep.join(map(str, [jar, stdlib(), *classpath]))
    options = [*JVM, f"-Xmx{memory}", "-Dfile.encoding=UTF-8", f"-Djava.library.path={folders}"]
    env = {**os.environ, **({"LD_LIBRARY_PATH": folders} if folders else {})}
    command = [fetch.java(), *options, "-cp", path, main, *args]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=seconds, env=env)
    if check and done.returncode:
        raise AssertionError(
            f"{main}: exit {done.returncode}\n{done.stderr.decode(errors='replace')[-4000:]}"
        )
    return done


def _kotlin_files(sources: Sequence[Path]) -> list[Path]:
    files = [
        file for source in sources for file in (sorted(source.rglob("*.kt")) if source.is_dir() else [source])
    ]
    if not files:
        raise CompileError(f"{', '.join(map(str, sources))}: no Kotlin files")
    return files


def _digest(files: Sequence[Path], classpath: Sequence[Path], options: Sequence[str], kotlin: str) -> str:
    digest = hashlib.sha256(repr((kotlin, tuple(options))).encode())
    for file in [*files, *classpath]:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.name} {content}\n".encode())
    return digest.hexdigest()[:32]


def _compile(
    files: Sequence[Path], classpath: Sequence[Path], options: Sequence[str], jar: Path, kotlin: str
) -> None:
    """Compile beside the jar's place, then rename: two processes may do the same at once."""
    jar.parent.mkdir(parents=True, exist_ok=True)
    home = fetch.kotlin_home(kotlin)
    compiler = os.pathsep.join(str(home / "lib" / f"{name}.jar") for name in COMPILER)
    with tempfile.TemporaryDirectory(dir=jar.parent) as folder:
        made = Path(folder) / "made.jar"
        command = [
            fetch.java(), *JVM, *QUICK, "-cp", compiler, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect",
            *options, "-cp", os.pathsep.join(map(str, classpath)), "-d", str(made), *map(str, files),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=fetch.SECONDS)
        if done.returncode or not made.exists():
            raise CompileError((done.stderr + done.stdout)[-8000:])
        made.rename(jar)
