"""The public API of the Kotlin modules, written down as the compiled classes have it: `python -m tests.gradle_bundle.api` writes it anew.

A change of these files is a change that apps see: it belongs into the changelog, and after 1.0 into a new major version where something goes.
"""

from pathlib import Path

from tests.gradle_bundle import built, fetch, toolchain

#: Module of gradle-bundle -> the folder of its classes.
MODULES = {
    "rag-runtime": "dev/pocketrag/runtime",
    "rag-delivery": "dev/pocketrag/delivery",
    "rag-answer": "dev/pocketrag/answer",
    "rag-edge-sdk": "dev/pocketrag/edge",
}


def file(module: str) -> Path:
    """Return where a module's API is written down."""
    return built.PROJECT / module / "api" / f"{module}.api"


def dump(module: str) -> str:
    """Return what callers see of a module's classes, a line a member, sorted.

    Raises:
        UnavailableError: no compiler or no JVM is to be had.

    """
    metadata = fetch.kotlin_home() / "lib" / "kotlin-metadata-jvm.jar"
    program = toolchain.compile([built.HERE / "kotlin" / "Dump.kt"], [metadata])
    jars = [metadata, built.runtime(), *toolchain.libraries()]
    done = toolchain.run(
        program, "dev.pocketrag.check.DumpKt", [str(built.runtime()), MODULES[module]], classpath=jars
    )
    return done.stdout.decode()


def main() -> None:
    """Write all modules' files."""
    for module in MODULES:
        file(module).parent.mkdir(exist_ok=True)
        file(module).write_text(dump(module), "utf-8")


if __name__ == "__main__":
    main()
