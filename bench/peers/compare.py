"""Our database beside other embedded indexes.

`python -m pocketrag.bench.peers.compare [--passages 1000 15000 100000] [--only NAME…] [--out FILE.json]`,
with `pip install 'pocketrag[peers]'`. Made-up passages and questions (`synthetic.py`); docs/peers.md.
"""

from __future__ import annotations

import argparse
import importlib.util
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

from ..timing import synthetic
from ..timing.process import ONE_THREAD
from .indexes import PEERS

PASSAGES, QUESTIONS, DIMS = (1_000, 15_000, 100_000), 200, 768
MODULE = "pocketrag.bench.peers.measure_index"
COLUMNS = (
    *("index", "setting", "MB", "build, s", "open, s", "memory, MB"),
    *("dense, ms", "95th", "recall@10", "low", "hybrid, ms", "95th"),
)


def compare(passages: int, questions: int, dims: int, names: Sequence[str]) -> list[dict[str, Any]]:
    """Measure each index with as many made-up passages.

    Raises:
        InputError: an index can't be built or asked; with what its process said.

    """
    with tempfile.TemporaryDirectory() as folder:
        data = synthetic.write(Path(folder), passages, questions, dims)
        rows = []
        for name in names:
            console.status(f"{passages} passages: {name}")
            index = Path(folder) / name
            facts = {**_run(name, "build", index, data.folder), **_run(name, "ask", index, data.folder)}
            rows.append({"name": name, "passages": passages, "questions": questions, **facts})
        return rows


def missing(names: Sequence[str]) -> list[str]:
    """Return the packages of these indexes that are not installed."""
    peers = [PEERS[name] for name in names if PEERS[name].package]
    return [peer.package for peer in peers if importlib.util.find_spec(peer.module) is None]


def _run(name: str, work: str, folder: Path, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", MODULE, name, work, str(folder), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})  # noqa: S603 - our own module
    if done.returncode:
        raise InputError(f"{name}, {work}:\n{done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines(facts: dict[str, Any]) -> list[list[str]]:
    """Return an index's lines of the table: one a setting, and what does not depend on it in the first."""
    hybrid = facts.get("hybrid", {}).get("ms", {})
    shared = [f"{facts['bytes'] / 1e6:.1f}", f"{facts['build_s']:.1f}", f"{facts['open_s']:.2f}"]
    shared.append(f"{facts['resident_mb']:.0f}")
    words = [f"{hybrid[key]:.2f}" if hybrid else "" for key in ("median", "p95")]
    rows: list[list[str]] = []
    for setting, one in facts["dense"].items():
        recall = one["recall@10"]
        dense = [f"{one['ms'][key]:.2f}" for key in ("median", "p95")]
        dense += [f"{value:.3f}" for value in (recall["mean"], recall["interval"][0])]
        once = (facts["name"], *shared, *words) if not rows else ("",) * 7
        rows.append([once[0], setting, *once[1:5], *dense, *once[5:]])
    return rows


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description="Our database beside other embedded indexes.")
    parser.add_argument("--passages", type=int, nargs="+", default=PASSAGES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--dims", type=int, default=DIMS)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), metavar="NAME")
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    given = parser.parse_args()
    if lacking := missing(given.only):
        what = f"not installed: {', '.join(lacking)}"
        console.status(f"{what}. pip install 'pocketrag[peers]', or --only others.")
        return 2
    rows = []
    try:
        for n in given.passages:
            found = compare(n, given.questions, given.dims, given.only)
            title = f"{n} passages, {given.dims} dims, one core, n = {given.questions}"
            console.table(title, COLUMNS, [line for one in found for line in lines(one)])
            rows += found
            if given.out:
                given.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    except InputError as error:
        console.status(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
