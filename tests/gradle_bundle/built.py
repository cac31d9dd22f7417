"""The Kotlin of gradle-bundle as a jar: the runtime, the adapters, and stubs of what Android, LiteRT and others bring to them."""

from collections.abc import Sequence
from pathlib import Path

from tests.gradle_bundle import toolchain

HERE = Path(__file__).parent
#: Of the stubs, those of the framework: the JVM's tests load them, and have to run where no android.jar is to be had.
FRAMEWORK = ("ActivityManager", "Android", "ApplicationInfo", "AssetManager", "Build", "Configuration")
PROJECT = toolchain.RUNTIME.parents[3]
EDGE, DELIVERY, ANSWER = (
    PROJECT / name / "src" / "main" / "kotlin" for name in ("rag-edge-sdk", "rag-delivery", "rag-answer")
)


def runtime() -> Path:
    """Return the jar of everything, compiled in one go: the compiler's own start costs most."""
    return toolchain.compile(
        [toolchain.RUNTIME, EDGE, DELIVERY, ANSWER, HERE / "stubs"], toolchain.libraries()
    )


def libraries() -> list[Path]:
    """Return the stubs of libraries: all but those of Android's framework, which an android.jar replaces."""
    return [file for file in sorted((HERE / "stubs").glob("*.kt")) if file.stem not in FRAMEWORK]


def harness(against: Path | None = None, options: Sequence[str] = ()) -> Path:
    """Return the jar of what the tests run; it sees what is internal to the runtime, which is another where `against` is given."""
    seen = against or runtime()
    jars = [seen, *toolchain.libraries(), *toolchain.jars("sqlite")]
    return toolchain.compile([HERE / "harness"], jars, options=(*friend(seen), *options))


def friend(seen: Path | None = None) -> tuple[str, ...]:
    """Return the options that compile what sees what is internal to the runtime, or to another jar of it."""
    return (*toolchain.STRICT, f"-Xfriend-paths={seen or runtime()}")
