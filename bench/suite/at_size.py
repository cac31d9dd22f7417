"""What a build and `verify` of so many passages take: seconds and MiB, on made-up passages without questions.

    python bench/suite/at_size.py FOLDER PASSAGES...

Each passage is a title and `WORDS` made-up words, which MiniLM cuts into some 70 tokens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from pocketrag.bench.timing import synthetic

WORDS = 24
RECIPE = """name = "size{n}"

[data]
corpus = "corpus.jsonl"

[export]
lengths = [128]

[search]
language = "fr"
"""
THREADS = {**os.environ, "OMP_NUM_THREADS": "1"}


def make(folder: Path, passages: int) -> Path:
    """Write corpus and recipe; return the recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus, _ = synthetic.texts(np.random.default_rng(0), passages, np.array([], dtype=int))
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as out:
        for row in corpus:
            short = " ".join(row["text"].split()[:WORDS])
            out.write(json.dumps({**row, "text": short}) + "\n")
    recipe = folder / "size.toml"
    recipe.write_text(RECIPE.format(n=passages), "utf-8")
    return recipe


def measured(*arguments: str) -> tuple[float, float]:
    """Run a command of pocketrag; return its seconds, and the most memory that it held at once in MiB.

    Raises:
        SystemExit: the command failed.

    """
    begun = time.perf_counter()
    command = [sys.executable, "-m", "pocketrag.cli", *arguments]
    child = subprocess.Popen(command, env=THREADS, stdout=subprocess.DEVNULL)  # noqa: S603 - no shell
    _, status, used = os.wait4(child.pid, 0)  # unlike Popen.wait, it tells this child's memory
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{arguments[0]} ended with {code}")
    return time.perf_counter() - begun, used.ru_maxrss / 1024  # Linux counts in KiB


def main() -> None:
    """Print a line a number of passages and command."""
    for passages in map(int, sys.argv[2:]):
        folder = Path(sys.argv[1], str(passages))
        recipe, out = str(make(folder, passages)), str(folder / "out")
        work = ("--work", str(folder / "work"))
        for name, arguments in {
            "build": ("build", recipe, *work, "--out", out),
            "build, nothing changed": ("build", recipe, *work, "--out", out),
            "verify": ("verify", out),
        }.items():
            seconds, memory = measured(*arguments)
            print(f"{passages} passages, {name}: {seconds:.0f} s, {memory:.0f} MiB", flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
