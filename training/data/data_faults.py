"""Faults of all files of `[data]` at once: what is wrong with one hides nothing of another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.data.judgement import header, judgement
from pocketrag.formats.data.lines import read_lines
from pocketrag.formats.data.negations import read_negations
from pocketrag.formats.data.origin import refuse_synthetic
from pocketrag.recipe.data_files import Data


def data_faults(data: Data) -> list[str]:
    """Return the faults of passages, questions, judgements and unjudged questions, a message a file.

    Each names up to 20. Judgements are checked against the ids that stand in the other files, also in lines
    that are faulty; where a line can't be read its id isn't known, and no id is called unknown.
    """
    passages = partial(beir.read_corpus, skip_empty=data.empty == "skip")
    groups = (
        (data.corpus, data.queries, data.qrels),
        (data.train_corpus or data.corpus, data.train_queries, data.train_qrels),
        (data.corpus, data.synthetic_queries, data.synthetic_qrels),
        (data.guard_corpus, data.guard_queries, data.guard_qrels),
    )
    found: list[str | None] = []
    for corpus, queries, qrels in groups:
        found += [_fault(passages, corpus), _fault(beir.read_questions, queries)]
        if corpus and queries and qrels:
            found.append(_fault(partial(_check_judged, queries, corpus), qrels))
    found += [_fault(refuse_synthetic, file) for file in (data.queries, data.guard_queries)]
    found += [_fault(beir.read_unjudged, data.unjudged), _fault(beir.read_unanswerable, data.unanswerable)]
    found.append(_fault(read_negations, data.negations))
    return list(dict.fromkeys(fault for fault in found if fault))


def _fault(read: Callable[[Path], object], file: Path | None) -> str | None:
    try:
        if file is not None:
            read(file)
    except InputError as error:
        return str(error)
    return None


def _check_judged(queries: Path, corpus: Path, qrels: Path) -> None:
    judged = list(_pairs(qrels))
    asked, there = _ids(queries), _ids(corpus)
    questions = {question for question, _ in judged} if asked is None else asked
    passages = {passage for _, passage in judged} if there is None else there
    beir.read_qrels(
        qrels, [Question(id_, "") for id_ in questions], [Passage(id_, "", "") for id_ in passages]
    )


def _ids(file: Path) -> set[str] | None:
    try:
        records = [json.loads(line) for _, line in read_lines(file)]
    except (InputError, ValueError, RecursionError):
        return None
    return {str(record["_id"]) for record in records if isinstance(record, dict) and "_id" in record}


def _pairs(qrels: Path) -> Iterator[tuple[str, str]]:
    layout = None
    for number, line in read_lines(qrels):
        if number == 1 and (layout := header(line)) is not None:
            continue
        try:
            yield judgement(f"{qrels}:{number}", line, layout)[:2]
        except InputError:  # `read_qrels` names it
            continue
