"""One index of one size: built, opened and asked, in a process of its own on one core.

`python -m pocketrag.bench.peers.measure_index NAME build|ask FOLDER DATA`, for `compare.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data.beir import Question, read_corpus, read_questions
from pocketrag.reference.metrics import mean_with_interval

from ..timing.process import pin, resident, spread
from ..timing.synthetic import Files
from .indexes import PEERS
from .peer import FOUND, Opened, Peer

#: Questions that only warm up.
WARM = 5
#: Bytes of what `st_blocks` counts (stat(2)).
BLOCK = 512


def built(peer: Peer, folder: Path, files: Files) -> dict[str, Any]:
    """Build an index and return what it took: seconds by the clock, bytes on the disk."""
    folder.mkdir()
    start = time.perf_counter()
    peer.build(folder, files)
    seconds = time.perf_counter() - start
    # What is taken from the disk: Qdrant Edge lets files be long and empty.
    size = sum(file.stat().st_blocks * BLOCK for file in folder.rglob("*") if file.is_file())
    version = importlib.metadata.version(peer.package) if peer.package else ""
    return {"version": version, "build_s": round(seconds, 2), "bytes": size}


def asked(peer: Peer, folder: Path, files: Files) -> dict[str, Any]:
    """Open an index that is not in the page cache and ask it every question, with each of its settings."""
    questions, vectors = read_questions(files.queries), np.load(files.questions)
    wanted = exact(files, vectors)
    name, *others = peer.settings
    # What the measures themselves need is there before, and so is the package.
    mean_with_interval(np.ones(9))
    if peer.package:
        importlib.import_module(peer.module)
    before = resident() or 0.0
    forget(folder)
    start = time.perf_counter()
    opened = peer.open(folder, **peer.settings[name])
    opened.dense(vectors[0])
    seconds = time.perf_counter() - start
    facts: dict[str, Any] = {"open_s": round(seconds, 3), "dense": {name: dense(opened, vectors, wanted)}}
    if peer.hybrid:
        facts["hybrid"] = hybrid(opened, questions, vectors)
    facts["resident_mb"] = round((resident() or 0.0) - before, 1)
    opened.close()
    for other in others:
        again = peer.open(folder, **peer.settings[other])
        facts["dense"][other] = dense(again, vectors, wanted)
        again.close()
    return facts


def exact(files: Files, questions: np.ndarray) -> list[set[str]]:
    """Return the ids of the true nearest of each question, by the float32 vectors."""
    ids = [p.id for p in read_corpus(files.corpus)]
    scores = questions @ np.load(files.passages).T
    return [{ids[n] for n in np.argpartition(-row, FOUND - 1)[:FOUND]} for row in scores]


def dense(opened: Opened, vectors: np.ndarray, wanted: list[set[str]]) -> dict[str, Any]:
    """Return the milliseconds by vector alone, and the share of the true nearest that is found."""
    found, ms = _timed(opened.dense, [(vector,) for vector in vectors])
    shares = [len(wanted[n] & {*ids}) / FOUND for n, ids in enumerate(found)]
    return {"ms": ms, f"recall@{FOUND}": mean_with_interval(np.array(shares)).as_json()}


def hybrid(opened: Opened, questions: Sequence[Question], vectors: np.ndarray) -> dict[str, Any]:
    """Return the milliseconds by vector and words, and how often the passage that was asked of is found."""
    pairs = [(one.text, vector) for one, vector in zip(questions, vectors, strict=True)]
    found, ms = _timed(opened.hybrid, pairs)
    own = [one.metadata.get("passage") in ids for one, ids in zip(questions, found, strict=True)]
    return {"ms": ms, f"own@{FOUND}": mean_with_interval(np.array(own, float)).as_json()}


def forget(folder: Path) -> None:
    """Take an index's files out of the page cache, where the system does it (posix_fadvise)."""
    for file in (file for file in folder.rglob("*") if file.is_file()):
        with contextlib.suppress(AttributeError, OSError), file.open("rb") as stream:
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(
    ask: Callable[..., Sequence[str]], rows: Sequence[tuple[Any, ...]]
) -> tuple[list[Sequence[str]], dict[str, float]]:
    # CPU time of all the process's threads: the machine is shared, and some of the indexes have threads.
    found, times = [], []
    for row in (*rows[:WARM], *rows):
        start = time.process_time()
        found.append(ask(*row))
        times.append((time.process_time() - start) * 1e3)
    return found[min(WARM, len(rows)) :], spread(times[min(WARM, len(rows)) :])


def main() -> int:
    """Print the facts as JSON; return the exit code."""
    parser = argparse.ArgumentParser(description="One index: built, or opened and asked.")
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("work", choices=("build", "ask"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    pin()
    work = {"build": built, "ask": asked}[given.work]
    print(json.dumps(work(PEERS[given.name], given.folder, Files(given.data))))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
