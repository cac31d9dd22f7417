"""One process that opens a bundle and times it.

`python -m pocketrag.bench.timing.probe BUNDLE RUNTIME THREADS REPEATS QUESTIONS`.

A process of its own, so that memory and the first start are this model's alone. The last line of standard
output is JSON. REPEATS 0 opens and answers once. QUESTIONS is a JSON list, read from standard input.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.bundle_encoder import Encoder
from pocketrag.formats.facts.base import Amount, Length
from pocketrag.formats.facts.phone.latency import QuestionTimes, Resident, Start, Times
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest, read_manifest
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.litert import silence
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import DEPTH

from .classic_interpreter import ClassicEmbedder
from .noise import reference, summary
from .process import peak, resident

RUNTIMES: dict[str, type[LiteRtEmbedder]] = {"compiled": LiteRtEmbedder, "classic": ClassicEmbedder}
#: Seconds that one length may take in all: a slow model is repeated less often, and the report says how
#: often.
BUDGET = 6.0
#: Fewer repeats have no median worth the name.
FEWEST = 5


class TimedRag(Rag):
    """A `Rag` of one encoder, on a given runtime and number of threads."""

    def __init__(
        self, bundle: Path, manifest: Manifest, runtime: str, threads: int, encoder: Encoder | None = None
    ) -> None:
        """Open a bundle that is known to be whole, with its main encoder unless another is named."""
        kind = RUNTIMES[runtime]
        super().__init__(
            bundle,
            [encoder or manifest.main],
            {manifest.name: (bundle / DATABASE, manifest.vectors_model_id)},
            opener=lambda folder, spec, file: kind(folder, spec, threads, file),
        )


class Probed(Start):
    """What one process measured: a start, and where it repeated, times."""

    lengths: dict[Length, Times] | None = None
    questions: QuestionTimes | None = None
    reference: tuple[Amount, ...] = ()
    """Seconds of the reference workload, between the repeats."""
    memory_mb: Resident


def probe(bundle: Path, runtime: str, threads: int, repeats: int, questions: list[str]) -> Probed:
    """Time a bundle from opening to answering; milliseconds and MB of this process."""
    manifest = read_manifest(bundle)
    import ai_edge_litert.compiled_model
    import ai_edge_litert.interpreter  # noqa: F401 - loaded before the clock starts: no phone loads Python's libraries

    start = resident()
    rag, opening = _timed(lambda: TimedRag(bundle, manifest, runtime, threads))
    _, first = _timed(lambda: rag.search(questions[0]))
    opened, quiet = resident(), list[float]()
    lengths = _lengths(rag, repeats, quiet) if repeats else None
    asked = _questions(rag, questions, quiet) if repeats else None
    memory = Resident(start=start, open=opened, end=resident(), peak=peak())
    with silence():
        rag.close()
    return Probed(
        open=round(opening * 1e3, 1),
        first=round(first * 1e3, 1),
        lengths=lengths,
        questions=asked,
        reference=tuple(quiet),
        memory_mb=memory,
    )


def _lengths(rag: Rag, repeats: int, quiet: list[float]) -> dict[int, Times]:
    sizes = rag.spec.lengths
    ids = {size: _full(rag, size) for size in sizes}
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for size in sizes:  # the first run of a signature touches its memory for the first time
        rag.embedder.embed_ids(ids[size], size)
    for _ in range(repeats):
        quiet.append(reference())
        for size in sizes:  # interleaved: what else the machine does falls on all of them
            if len(seconds[size]) < FEWEST or sum(seconds[size]) < BUDGET:
                seconds[size].append(_timed(lambda size=size: rag.embedder.embed_ids(ids[size], size))[1])  # type: ignore[misc]
    return {size: summary(values) for size, values in seconds.items()}


def _full(rag: Rag, size: int) -> list[int]:
    # A text's own tokens, repeated until the length is full: no token is padding.
    ids = rag.tokenize(rag.spec.prompts.ask("?")) or [1]
    return (ids * size)[:size]


def _questions(rag: Rag, questions: list[str], quiet: list[float]) -> QuestionTimes:
    spent: dict[str, list[float]] = {"tokenize": [], "embed": [], "search": [], "whole": []}
    for question in questions:
        quiet.append(reference())
        ids, tokenizing = _timed(lambda question=question: rag.embedder.ids(rag.spec.prompts.ask(question)))  # type: ignore[misc]
        vector, embedding = _timed(lambda ids=ids: rag.embedder.embed_ids(ids))  # type: ignore[misc]
        _, searching = _timed(lambda question=question, vector=vector: _search(rag, question, vector))  # type: ignore[misc]
        _, whole = _timed(lambda question=question: rag.search(question))  # type: ignore[misc]
        for name, value in (
            ("tokenize", tokenizing),
            ("embed", embedding),
            ("search", searching),
            ("whole", whole),
        ):
            spent[name].append(value)
    return QuestionTimes(
        n=len(questions), mode=rag.fusion.mode, **{name: summary(values) for name, values in spent.items()}
    )


def _search(rag: Rag, question: str, vector: np.ndarray) -> None:
    if rag.fusion.mode != "bm25":
        rag.nearest(vector, DEPTH)
    if rag.fusion.mode != "dense":
        rag.bm25(question, DEPTH)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


if __name__ == "__main__":
    folder, runtime, threads, repeats = sys.argv[1:5]
    found = probe(Path(folder), runtime, int(threads), int(repeats), json.load(sys.stdin))
    sys.stdout.write(json.dumps(found.as_json()) + "\n")
