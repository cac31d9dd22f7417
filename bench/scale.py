"""How a database grows.

`python -m pocketrag.bench.scale [--passages 1000 10000 100000] [--out FILE.json] [--plot FILE.svg]`.

Made-up passages (`synthetic.py`) become a database, which is opened and searched. Building belongs to
`export`, so it is called as people call it, `python -m pocketrag.export.database.write`, and so is
`lookup.py`: each in a process of its own, on one core, and they meet through files. Embedding is not part of
it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pocketrag import console
from pocketrag.errors import InputError

from .page.line_chart import draw
from .timing import synthetic
from .timing.process import ONE_THREAD

#: Sizes; questions of each; the language of the stems, which cost as much full text again.
PASSAGES, QUESTIONS, LANGUAGE = (1_000, 10_000, 100_000), 200, "fr"
#: The fewest questions that a 95th percentile is read from.
FEWEST = 100
#: What the table shows: a line's name -> where it lies in the facts.
LINES = {
    "build, s": "build.seconds",
    "build with sqlite-vec, s": "build.seconds_sqlite-vec",
    "database, MB": "megabytes",
    "bytes a passage beyond text and full text": "bytes_beyond.plain",
    "the same with sqlite-vec": "bytes_beyond.sqlite-vec",
    "open, s": "open_s",
    "memory that opening adds, MB": "resident_mb.added",
    "search, ms": "latency_ms.hybrid.median",
    "search, ms, 90th percentile": "latency_ms.hybrid.p90",
    "search, ms, 95th percentile": "latency_ms.hybrid.p95",
    "of it vectors": "latency_ms.dense.median",
    "of it full text": "latency_ms.full_text.median",
    "of it fusion": "latency_ms.fusion.median",
    "of it ten passages": "latency_ms.passages.median",
    "one float32 product, ms": "latency_ms.product.median",
    "search / product": "latency_ms.ratio.median",
    "recall@10": "recall.shipped.recall@10.mean",
    "recall@100": "recall.shipped.recall@100.mean",
}


def scale(
    passages: Sequence[int] = PASSAGES, questions: int = QUESTIONS, dims: int = 768
) -> list[dict[str, Any]]:
    """Measure databases of so many passages.

    Raises:
        InputError: a number is too small, or a database can't be built or searched; with what the process
            said.

    """
    if questions < FEWEST or min(passages) < 1:
        raise InputError(
            f"{questions} questions of {min(passages)} passages: at least {FEWEST} and 1 are needed."
        )
    return [_measured(n, questions, dims) for n in passages]


def _measured(passages: int, questions: int, dims: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        console.status(f"{passages} passages")
        data = synthetic.write(Path(folder), passages, questions, dims)
        plain, both = Path(folder) / "plain.db", Path(folder) / "both.db"
        alone = _run("export.database.write", data.corpus, data.passages, plain, "--language", LANGUAGE)
        with_vec = _run(
            "export.database.write",
            data.corpus,
            data.passages,
            both,
            "--language",
            LANGUAGE,
            "--also",
            "sqlite-vec",
        )
        found = _run("bench.lookup", plain, data.queries, data.questions)
        return {**_facts(passages, alone, with_vec, found), "dims": dims}


def _facts(
    passages: int, plain: dict[str, Any], both: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    before, after = found["resident_mb"]["before"], found["resident_mb"]["open"]
    beyond = {
        "plain": found["bytes"]["beyond"],
        "sqlite-vec": found["bytes"]["beyond"] + both["bytes"] - plain["bytes"],
    }
    return {
        "passages": passages,
        "build": {**plain, "seconds_sqlite-vec": both["seconds"]},
        "megabytes": round(plain["bytes"] / 1e6, 2),
        "bytes_beyond": {key: round(value / passages, 1) for key, value in beyond.items()},
        **found,
        "resident_mb": {
            "before": before,
            "open": after,
            "added": None if after is None else round(after - before, 1),
        },
    }


def _run(module: str, *arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", f"pocketrag.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})  # noqa: S603 - our own module
    if done.returncode:
        raise InputError(f"python -m pocketrag.{module} failed:\n{done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plot(rows: Sequence[dict[str, Any]]) -> str:
    """Return the facts of `scale` drawn over the number of passages, as SVG."""

    def line(path: str) -> list[tuple[float, float]]:
        return [(row["passages"], value) for row in rows if (value := at(row, path))]

    latency = {"search": "hybrid.median", "full text": "full_text.median", "vectors": "dense.median"}
    return draw(
        {
            "a search, ms": {name: line(f"latency_ms.{path}") for name, path in latency.items()},
            "database, MB": {"database": line("megabytes"), "memory": line("resident_mb.added")},
            "build, s": {"build": line("build.seconds"), "open": line("open_s")},
        },
        "passages",
    )


def at(facts: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - any value of JSON
    """Return what lies at a path of keys, joined by dots."""
    for key in path.split("."):
        facts = facts[key]
    return facts


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def main() -> int:
    """Print the table of `scale`; return the exit code."""
    parser = argparse.ArgumentParser(description="How a database grows with the number of passages.")
    parser.add_argument("--passages", type=int, nargs="+", default=PASSAGES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--dims", type=int, default=768)
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    given = parser.parse_args()
    try:
        rows = scale(given.passages, given.questions, given.dims)
    except InputError as error:
        console.status(str(error))
        return 2
    if given.out:
        given.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if given.plot:
        given.plot.write_text(plot(rows), "utf-8")
    table = [[name, *(_cell(at(row, path)) for row in rows)] for name, path in LINES.items()]
    console.table(
        f"{given.dims} dims, one core, n = {given.questions}",
        ["passages", *(str(row["passages"]) for row in rows)],
        table,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
