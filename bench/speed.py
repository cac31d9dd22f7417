"""How long models take, in one run: `python -m pocketrag.bench.speed MODEL.tflite[@SIGNATURE] …`.

The first model is the measure of the others. Repeats are interleaved, so that whatever else the machine does
falls on all of them; a ratio is the median of the ratios of one round, with a bootstrap interval.
Milliseconds are this machine's, ratios carry over.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import console
from pocketrag.errors import InputError
from pocketrag.runtime.embedder import THREADS
from pocketrag.runtime.litert import open_model, silence, verify_file

#: Resamples of the interval; more do not move its second digit.
RESAMPLES = 2000


def speed(models: list[str], *, repeats: int = 40, threads: int = THREADS) -> list[dict[str, Any]]:
    """Time one signature of every model and compare with the first model.

    A model is `FILE` or `FILE@SIGNATURE`, by default its first.

    Raises:
        InputError: a file is not a model, or has no such signature.

    """
    with silence():
        runs = [_Run(*_split(name), threads) for name in models]
        for _ in range(2):  # the first run touches memory for the first time
            _round(runs)
    seconds = np.array([_round(runs) for _ in console.progress(range(repeats), "Timing")])
    with silence():
        runs.clear()
        gc.collect()
    return [{"model": name, **_facts(seconds[:, i], seconds[:, 0])} for i, name in enumerate(models)]


#: An id that no known tokenizer pads with (0, 1 and 3 are taken, and large ones): a mask of padding alone is
#: a division by 0.
TOKEN = 5


class _Run:
    """One signature with its inputs filled: ids of one token, then masks of 1, if it takes any."""

    def __init__(self, file: Path, signature: str, threads: int) -> None:
        known = verify_file(file).get_signature_list()
        self.name = signature or next(iter(known))
        if self.name not in known:
            raise InputError(f"{file}: has no signature {self.name!r}, only {', '.join(sorted(known))}.")
        self.model = open_model(file, threads)
        details = self.model.get_input_tensor_details(self.name)
        self.given = {
            key: self.model.create_input_buffer_by_name(self.name, key) for key in known[self.name]["inputs"]
        }
        self.taken = {
            key: self.model.create_output_buffer_by_name(self.name, key)
            for key in known[self.name]["outputs"]
        }
        for number, (key, buffer) in enumerate(self.given.items()):
            value = 1 if number else TOKEN
            buffer.write(np.full(details[key]["shape"], value, details[key]["dtype"]))

    def __call__(self) -> None:
        self.model.run_by_name(self.name, self.given, self.taken)


def _split(name: str) -> tuple[Path, str]:
    file, _, signature = name.partition("@")
    return Path(file), signature


def _round(runs: list[_Run]) -> list[float]:
    return [_timed(run) for run in runs]


def _timed(run: _Run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _facts(seconds: np.ndarray, measure: np.ndarray) -> dict[str, Any]:
    ratios = seconds / measure
    drawn = np.median(np.random.default_rng(0).choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    return {
        "n": len(seconds),
        "median_ms": round(float(np.median(seconds)) * 1e3, 2),
        "p90_ms": round(float(np.percentile(seconds, 90)) * 1e3, 2),
        "ratio": round(float(np.median(ratios)), 3),
        "low": round(float(np.percentile(drawn, 2.5)), 3),
        "high": round(float(np.percentile(drawn, 97.5)), 3),
    }


def main() -> int:
    """Print the table of `speed`; return the exit code."""
    parser = argparse.ArgumentParser(description="Time models in one run, interleaved.")
    parser.add_argument("models", nargs="+", metavar="MODEL.tflite[@SIGNATURE]")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--threads", type=int, default=THREADS)
    arguments = parser.parse_args()
    try:
        rows = speed(arguments.models, repeats=arguments.repeats, threads=arguments.threads)
    except InputError as error:
        console.status(str(error))
        return 2
    for row in rows:  # folders are long, and the last one tells models of one name apart
        row["model"] = "/".join(Path(row["model"]).parts[-2:])
    console.table(f"{arguments.threads} threads", list(rows[0]), [list(row.values()) for row in rows])
    return 0


if __name__ == "__main__":
    sys.exit(main())
