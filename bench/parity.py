"""`pocketrag parity`: what ships against its float twin, on real texts: tokens, vectors, padding, what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import beir, floats, metrics, reports
from pocketrag.beir import Question
from pocketrag.embedder import locate
from pocketrag.errors import InputError
from pocketrag.golden import GOLDEN, TOP, read_golden

from . import limits
from .compared import Asked, Both, cosines, embed, padding, run_shipped, run_twin, texts_of, top
from .outcome import UNCHECKED, Outcome, as_facts, at_least, exit_code, judged, unchecked
from .pieces import differing
from .subject import Subject, opened

#: Texts of each kind that are compared one by one: a mean cosine of 256 is known to .0002.
SAMPLE = 256
#: Fewer questions say little about a mean overlap: its standard error is then above .02.
LEAST_ASKED = 30


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
    required = [o for o in outcomes if o.outcome != UNCHECKED or (asked.judged if o.gate == "quality" else asked.passages)]
    facts = {"target": target, "embedder": Path(embedder).name, **facts}
    return {**facts, "gates": as_facts(outcomes), "exit": exit_code(required, "build")}


def compare(subject: Subject, twin: Any, asked: Asked, sample: int) -> tuple[list[Outcome], dict[str, Any]]:  # noqa: ANN401
    """Return the gates' outcomes and what was measured; `twin` is a SentenceTransformer."""
    texts = texts_of(subject, asked, sample)
    pieces = differing(subject, twin, texts)
    both = embed(subject, twin, texts)
    facts: dict[str, Any] = {"n": len(texts), "tokens": pieces, **cosines(subject, both), "padding": padding(subject, both)}
    outcomes = [_tokens(pieces), _finite(both), _cosine(subject, facts), _padded(subject, facts["padding"])]
    found, more = _found(subject, twin, asked)
    return [*outcomes, *found], {**facts, **more}


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


def _found(subject: Subject, twin: Any, asked: Asked) -> tuple[list[Outcome], dict[str, Any]]:  # noqa: ANN401
    if not asked.passages:
        why = "no passages: name --corpus FILE"
        return [unchecked("overlap", why), unchecked("quality", why)], {"overlap": None, "ndcg": None}
    theirs, ours = run_twin(subject, twin, asked), run_shipped(subject, asked)
    shares = [len(top(theirs[q]) & top(ours[q])) / len(top(theirs[q])) for q in theirs]
    overlap = {"top": TOP, **metrics.mean_with_interval(np.array(shares)).as_json()}
    ndcg = (
        metrics.compare(metrics.score(ours, asked.judged), metrics.score(theirs, asked.judged)).as_json() if asked.judged else None
    )
    return [_overlap(subject, overlap), _quality(subject, ndcg)], {"overlap": overlap, "ndcg": ndcg}


def _tokens(pieces: dict[str, Any]) -> Outcome:
    detail = (
        f"{pieces['same']} of {pieces['n']} texts have the same pieces, {pieces['trimmed']} others want tokens that were trimmed"
    )
    if pieces["wrong"]:
        detail = f"{pieces['wrong']} of {pieces['n']} texts are cut otherwise for no reason, such as {pieces['example']!r}"
    return judged("tokens", not pieces["wrong"], detail)


def _finite(both: Both) -> Outcome:
    norms = np.linalg.norm(both.shipped, axis=1)
    wrong = ~(np.abs(norms - 1) <= limits.UNIT)  # NaN too
    detail = f"{int(wrong.sum())} of {len(norms)} vectors are not finite and of length 1"
    return judged(
        "vectors", not wrong.any(), f"{detail}, such as that of {both.texts[int(wrong.argmax())][:60]!r}" if wrong.any() else detail
    )


def _cosine(subject: Subject, facts: dict[str, Any]) -> Outcome:
    found = facts["cosine"]
    return limits.hold("cosine", found["least"], found["mean"], subject.wanted, f"cosine to float32 over {found['n']} texts")


def _padded(subject: Subject, found: dict[str, Any]) -> Outcome:
    limit = limits.length_cosine(subject.spec.quantization)
    return at_least("padding", found["least"], limit, f"least cosine of one text through two lengths, {found['n']} texts")


def _overlap(subject: Subject, overlap: dict[str, Any]) -> Outcome:
    low, high = overlap["interval"]
    detail = f"mean top-{TOP} overlap with the float twin, 95 % interval {low:.4f} to {high:.4f}, n = {overlap['n']}"
    if overlap["n"] < LEAST_ASKED:
        return unchecked("overlap", f"{detail}; fewer than {LEAST_ASKED} questions tell nothing, name more with --queries")
    return at_least("overlap", overlap["mean"], subject.wanted.overlap, detail)


def _quality(subject: Subject, ndcg: dict[str, Any] | None) -> Outcome:
    if ndcg is None:
        return unchecked("quality", "no judgements: name --queries FILE and --qrels FILE")
    low, high = ndcg["interval"]
    detail = f"nDCG@10 against the float twin, dense, 95 % interval {low:+.4f} to {high:+.4f}, n = {ndcg['n']}"
    return at_least("quality", ndcg["difference"], -subject.limits.loss, detail)
