"""`pocketrag parity`: what ships against its float twin, on real texts: tokens, vectors, padding, what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import beir, floats, metrics, reports
from pocketrag.beir import Question
from pocketrag.embedder import locate
from pocketrag.errors import InputError
from pocketrag.formats.facts.outcome import GateFacts, Outcome
from pocketrag.formats.gate import as_rows, exit_code, named, unchecked
from pocketrag.golden import GOLDEN, TOP, read_golden

from .compared import Asked, cosines, embed, padding, run_shipped, run_twin, texts_of, top
from .gates import parity as gates
from .pieces import differing
from .subject import Subject, opened

#: Texts of each kind that are compared one by one: a mean cosine of 256 is known to .0002.
SAMPLE = 256


def parity(
    target: str,
    embedder: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    sample: int = SAMPLE,
) -> dict[str, Any]:
    """Compare a bundle, or a `.tflite`, with a float embedder; what is found of a bundle is kept in the report beside it.

    Args:
        target: a bundle's folder or a model file; beside a model its `embedder.json` is read, where there is one.
        embedder: SentenceTransformer folder or hub id: the float twin.
        corpus: passages for a bare model; a bundle has its own.
        queries: questions; by default a bundle's golden ones.
        qrels: judgements of them, for the difference of nDCG@10.
        sample: texts of each kind that are compared one by one.

    Raises:
        InputError: one of them can't be read, there is nothing to compare with, or `sample` is below 1.

    """
    facts = measured(target, embedder, corpus=corpus, queries=queries, qrels=qrels, sample=sample)
    if Path(target).is_dir():
        reports.record(Path(target), "parity", facts)
    return facts


def measured(
    target: str,
    embedder: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    sample: int = SAMPLE,
) -> dict[str, Any]:
    """Return what `parity` does, which raises alike; nothing is written."""
    if sample < 1:
        raise InputError(f"--sample {sample}: must be at least 1.")
    folder = locate(embedder)
    with opened(target, folder) as subject:
        asked = _asked(subject, corpus, queries, qrels)
        twin = floats.load_float(folder)
        if subject.spec.dims > (width := int(twin.get_embedding_dimension() or 0)):
            raise InputError(f"{target}: has {subject.spec.dims} dims, {embedder} only {width}.")
        outcomes, facts = compare(subject, twin, asked, sample)
    # What nobody gave the means for is said, and not required.
    required = {o.gate for o in outcomes if (asked.judged if o.gate == "quality" else asked.passages)}
    facts = {"target": target, "embedder": Path(embedder).name, **facts}
    return {**facts, "gates": as_rows(outcomes), "exit": exit_code(outcomes, required)}


def compare(subject: Subject, twin: Any, asked: Asked, sample: int) -> tuple[list[GateFacts], dict[str, Any]]:  # noqa: ANN401
    """Return the gates' outcomes and what was measured; `twin` is a SentenceTransformer."""
    texts = texts_of(subject, asked, sample)
    pieces = differing(subject, twin, texts)
    both = embed(subject, twin, texts)
    facts: dict[str, Any] = {"n": len(texts), "tokens": pieces, **cosines(subject, both), "padding": padding(subject, both)}
    found, more = _found(subject, twin, asked)
    outcomes = {
        "tokens": gates.tokens(pieces),
        "vectors": gates.vectors(both),
        "cosine": gates.cosine(subject, facts),
        "padding": gates.padding(subject, facts["padding"]),
        **found,
    }
    return [named(name, one) for name, one in outcomes.items()], {**facts, **more}


def _asked(subject: Subject, corpus: str | None, queries: str | None, qrels: str | None) -> Asked:
    passages = beir.read_corpus(Path(corpus)) if corpus else subject.passages()
    if subject.rag and corpus:
        raise InputError(f"--corpus {corpus}: {subject.name} is a bundle and holds its passages; leave --corpus out.")
    if queries:
        questions = beir.read_questions(Path(queries))
    elif subject.rag:
        golden = read_golden(subject.folder / GOLDEN)
        questions = [Question(str(n), text.question) for n, text in enumerate(golden.texts) if text.question]
    else:
        raise InputError(f"{subject.name}: a bare model has no questions; name --queries FILE (and --corpus FILE).")
    if qrels and not queries:
        raise InputError(f"--qrels {qrels}: judges questions of a file; name it with --queries.")
    return Asked(passages, questions, beir.read_qrels(Path(qrels), questions, passages) if qrels else None)


def _found(subject: Subject, twin: Any, asked: Asked) -> tuple[dict[str, Outcome], dict[str, Any]]:  # noqa: ANN401
    if not asked.passages:
        why = "no passages: name --corpus FILE"
        return {"overlap": unchecked(why), "quality": unchecked(why)}, {"overlap": None, "ndcg": None}
    theirs, ours = run_twin(subject, twin, asked), run_shipped(subject, asked)
    shares = [len(top(theirs[q]) & top(ours[q])) / len(top(theirs[q])) for q in theirs]
    overlap = {"top": TOP, **metrics.mean_with_interval(np.array(shares)).as_json()}
    ndcg = (
        metrics.compare(metrics.score(ours, asked.judged), metrics.score(theirs, asked.judged)).as_json() if asked.judged else None
    )
    outcomes = {"overlap": gates.overlap(subject, overlap), "quality": gates.quality(subject, ndcg)}
    return outcomes, {"overlap": overlap, "ndcg": ndcg}
