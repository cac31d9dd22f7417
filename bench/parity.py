"""`pocketrag parity`: what ships against its reference model, on real texts.

Tokens, vectors, padding, what is found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import bundle_report
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Question
from pocketrag.formats.data.origin import refuse_synthetic
from pocketrag.formats.embedder.embedder_folder import locate
from pocketrag.formats.facts.measures import Agreement, Comparison
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.parity import Measurements, ParityFacts
from pocketrag.formats.gate import exit_code, named, unchecked
from pocketrag.formats.golden import TOP, read_golden
from pocketrag.reference import float_model, metrics

from .comparison.sides import Asked, cosines, embed, padding, run_reference, run_shipped, texts_of, top
from .comparison.subject import Subject, opened
from .comparison.token_pieces import differing
from .gates import parity as gates

#: Texts of each kind that are compared one by one: a mean cosine of 256 is known to .0002.
SAMPLE = 256
NO_PASSAGES = "no passages: name --corpus FILE"


def parity(
    target: str,
    embedder: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    sample: int = SAMPLE,
) -> ParityFacts:
    """Compare a bundle, or a `.tflite`, with a float embedder.

    What is found of a bundle is kept in the report beside it.

    Args:
        target: a bundle's folder or a model file; beside a model its `embedder.json` is read, where there is
            one.
        embedder: SentenceTransformer folder or hub id: the reference model.
        corpus: passages for a bare model; a bundle has its own.
        queries: questions; by default a bundle's golden ones.
        qrels: judgements of them, for the difference of nDCG@10.
        sample: texts of each kind that are compared one by one.

    Raises:
        InputError: one of them can't be read, there is nothing to compare with, or `sample` is below 1.

    """
    facts = measure_parity(target, embedder, corpus=corpus, queries=queries, qrels=qrels, sample=sample)
    if Path(target).is_dir():
        bundle_report.record(Path(target), "parity", facts)
    return facts


def measure_parity(
    target: str,
    embedder: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    sample: int = SAMPLE,
) -> ParityFacts:
    """Return what `parity` does, which raises alike; nothing is written."""
    if sample < 1:
        raise InputError(f"--sample {sample}: must be at least 1.")
    folder = locate(embedder)
    with opened(target, folder) as subject:
        asked = _asked(subject, corpus, queries, qrels)
        reference = float_model.load_float(folder)
        if subject.spec.dims > (width := int(reference.get_embedding_dimension() or 0)):
            raise InputError(f"{target}: has {subject.spec.dims} dims, {embedder} only {width}.")
        outcomes, found = compare(subject, reference, asked, sample)
    # What nobody gave the means for is said, and not required.
    required = {o.gate for o in outcomes if (asked.judged if o.gate == "quality" else asked.passages)}
    return ParityFacts(
        target=target,
        embedder=Path(embedder).name,
        **dict(found),
        gates=tuple(outcomes),
        exit=exit_code(outcomes, required),
    )


def compare(
    subject: Subject,
    reference: Any,  # noqa: ANN401
    asked: Asked,
    sample: int,
) -> tuple[list[GateFacts], Measurements]:
    """Return the gates' outcomes and what was measured; `reference` is a SentenceTransformer."""
    texts = texts_of(subject, asked, sample)
    pieces = differing(subject, reference, texts)
    both = embed(subject, reference, texts)
    whole, by_length = cosines(subject, both)
    padded = padding(subject, both)
    overlap, ndcg = _found(subject, reference, asked) if asked.passages else (None, None)
    outcomes = {
        "tokens": gates.tokens(pieces),
        "vectors": gates.finite_vectors(both),
        "cosine": gates.cosine(subject, whole),
        "padding": gates.padding(subject, padded),
        "overlap": gates.overlap(subject, overlap) if overlap else unchecked(NO_PASSAGES),
        "quality": gates.quality(subject, ndcg) if overlap else unchecked(NO_PASSAGES),
    }
    found = Measurements(
        n=len(texts),
        tokens=pieces,
        cosine=whole,
        by_length=by_length,
        padding=padded,
        overlap=overlap,
        ndcg=ndcg,
    )
    return [named(name, one) for name, one in outcomes.items()], found


def _asked(subject: Subject, corpus: str | None, queries: str | None, qrels: str | None) -> Asked:
    passages = beir.read_corpus(Path(corpus)) if corpus else subject.passages()
    if subject.rag and corpus:
        raise InputError(
            f"--corpus {corpus}: {subject.name} is a bundle and holds its passages; leave --corpus out."
        )
    if queries:
        questions = beir.with_equal(beir.read_questions(Path(queries)), passages)
    elif subject.rag:
        golden = read_golden(subject.folder / subject.rag.encoder.golden)
        questions = [Question(str(n), text.question) for n, text in enumerate(golden.texts) if text.question]
    else:
        raise InputError(
            f"{subject.name}: a bare model has no questions; name --queries FILE (and --corpus FILE)."
        )
    if qrels and not queries:
        raise InputError(f"--qrels {qrels}: judges questions of a file; name it with --queries.")
    if queries and qrels:
        refuse_synthetic(Path(queries))
    return Asked(passages, questions, beir.read_qrels(Path(qrels), questions, passages) if qrels else None)


def _found(subject: Subject, reference: Any, asked: Asked) -> tuple[Agreement, Comparison | None]:  # noqa: ANN401
    theirs, ours = run_reference(subject, reference, asked), run_shipped(subject, asked)
    shares = [len(top(theirs[q]) & top(ours[q])) / len(top(theirs[q])) for q in theirs]
    overlap = metrics.mean_with_interval(np.array(shares)).into(Agreement, top=TOP)
    if not asked.judged:
        return overlap, None
    here, there = (
        metrics.score(metrics.without_equal(run, asked.questions), asked.judged) for run in (ours, theirs)
    )
    return overlap, metrics.compare(here, there)
