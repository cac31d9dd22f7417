"""The Kotlin of gradle-bundle as a jar: the runtime, the adapters, and stubs of what Android, LiteRT and others bring to them."""

from pathlib import Path

from tests.gradle_bundle import toolchain

HERE = Path(__file__).parent
PROJECT = toolchain.RUNTIME.parents[3]
EDGE, DELIVERY = (PROJECT / name / "src" / "main" / "kotlin" for name in ("rag-edge-sdk", "rag-delivery"))


def runtime() -> Path:
    """Return the jar of everything, compiled in one go: the compiler's own start costs most."""
    return toolchain.compile([toolchain.RUNTIME, EDGE, DELIVERY, HERE / "stubs"], toolchain.libraries())


def friend() -> tuple[str, ...]:
    """Return the options that compile what sees what is internal to the runtime."""
    return (*toolchain.STRICT, f"-Xfriend-paths={runtime()}")


def harness() -> Path:
    """Return the jar of what the tests run."""
    jars = [runtime(), *toolchain.libraries(), *toolchain.jars("sqlite")]
    return toolchain.compile([HERE / "harness"], jars, options=friend())
