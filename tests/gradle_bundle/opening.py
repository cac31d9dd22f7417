"""How long the Kotlin runtime takes to open a bundle on the JVM: `python -m tests.gradle_bundle.opening [BUNDLE]`, by default the demo.

Each opening is a process of its own, from its first statement to an opened bundle: manifest, digests, database, vectors, tokenizer. LiteRT
runs on no JVM, so its part, opening the model, is not in it. Wall time; the files are in the system's cache, since all are read before.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from pocketrag.console import table
from tests.conftest import ROOT
from tests.gradle_bundle import built, toolchain

REPEATS = 15
#: How the digests are compared -> what that means.
WAYS = {
    "ALWAYS": "every file's SHA-256 is compared",
    "ONCE": "compared by an earlier process, files unchanged",
    "NEVER": "sizes alone",
}


def main(arguments: list[str]) -> None:
    """Print a table."""
    bundle = Path(arguments[0]) if arguments else ROOT / "android_assets" / "demo"
    size = sum(path.stat().st_size for path in bundle.iterdir())
    with tempfile.TemporaryDirectory() as folder:
        once(bundle, Path(folder), "ONCE")
        # In turn, so that what else the machine does meets all of them.
        rows = [[once(bundle, Path(folder), way) for way in WAYS] for _ in range(REPEATS)]
    shown = [
        (way, said, *(f"{figure(times):.0f}" for figure in (statistics.median, min, max)))
        for (way, said), times in zip(WAYS.items(), zip(*rows, strict=True), strict=True)
    ]
    title = f"{bundle.name}, {size / 1e6:.1f} MB: opened, n = {REPEATS} processes each"
    table(title, ("digests", "", "ms, median", "fastest", "slowest"), shown)


def once(bundle: Path, storage: Path, way: str) -> float:
    """Return the milliseconds of one opening."""
    classpath = [built.harness(), built.runtime(), *toolchain.libraries(), *toolchain.jars("sqlite")]
    friends = f"-Xfriend-paths={built.runtime()},{built.harness()}"
    jar = toolchain.compile(
        [built.HERE / "kotlin" / "Open.kt"], classpath, options=(*toolchain.STRICT, friends)
    )
    done = toolchain.run(
        jar, "dev.pocketrag.check.OpenKt", [str(bundle), str(storage), way], classpath=classpath, native=["sqlite"]
    )  # fmt: skip
    return int(done.stdout) / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
