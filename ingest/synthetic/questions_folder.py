"""The folder of a model's questions: what it wrote, the review, and what of it trains."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.data.judgement import QRELS_HEADER
from pocketrag.formats.data.origin import SYNTHETIC
from pocketrag.recipe.data_files import SYNTHETIC_QRELS, SYNTHETIC_QUERIES

from ..passages import lines
from . import review_page, review_table
from .review_table import Decision
from .taken import Taken

#: Every question that was kept as the model wrote it, in the BEIR layout; the review decides what of it
#: trains.
WRITTEN = "written.jsonl"
#: Every line that was not kept, with the reason.
DROPPED = "dropped.jsonl"
#: In the order in which they are replaced: what trains comes last.
FILES = (WRITTEN, DROPPED, review_table.FILE, review_page.FILE, SYNTHETIC_QUERIES, SYNTHETIC_QRELS)


@dataclass(frozen=True)
class Review:
    """What people look at, and what they have said so far."""

    name: str
    """The recipe's."""
    corpus: Path
    passages: Mapping[str, Passage]
    written: Sequence[Question]
    """As the model wrote them."""
    decisions: Mapping[str, Decision]
    """By the question's id."""
    command: str
    """What takes in a table."""


@dataclass(frozen=True)
class Reviewed:
    """What trains, after what people said."""

    records: list[dict[str, Any]]
    """Lines of `queries.jsonl`."""
    counts: dict[str, int]
    """accepted, mended, rejected, undecided."""


def claim(folder: Path) -> None:
    """Check that a model's questions may be put into a folder.

    Raises:
        InputError: it holds questions that are none of ours, such as people's.

    """
    theirs = [name for name in (SYNTHETIC_QUERIES, SYNTHETIC_QRELS) if (folder / name).exists()]
    if theirs and not (folder / WRITTEN).is_file():
        raise InputError(
            f"{folder / theirs[0]}: is there already, and a model's questions would replace it; choose "
            "another folder, by `data.synthetic` or --out."
        )


def read_written(folder: Path, passages: Mapping[str, Passage]) -> dict[str, Question]:
    """Return the questions of an earlier run by id, as the model wrote them; none where there was no run.

    Those whose passage is gone are left out.

    Raises:
        InputError: the file is damaged.

    """
    file = folder / WRITTEN
    if not file.is_file():
        return {}
    found = {q.id: q for q in beir.read_questions(file)}
    if bad := [
        q.id for q in found.values() if "passage" not in q.metadata or q.metadata.get("origin") != SYNTHETIC
    ]:
        raise InputError(
            f"{file}: the question {bad[0]!r} lacks its `passage` or its `origin`; write them anew."
        )
    return {id_: q for id_, q in found.items() if q.metadata["passage"] in passages}


def reviewed(review: Review, taken: Taken, accepted_only: bool) -> Reviewed:
    """Return what trains: all but what people rejected, or what they accepted and mended alone.

    Raises:
        InputError: a mended question nearly equals one of the recipe's, or nothing is left.

    """
    records, counts = [], {"accepted": 0, "mended": 0, "rejected": 0, "undecided": 0}
    for question in review.written:
        said = review.decisions.get(question.id)
        word = said.word if said else None
        counts[
            {"accept": "accepted", "mend": "mended", "reject": "rejected"}.get(word or "", "undecided")
        ] += 1
        if word == "mend" and said and (there := taken.by(said.text)):
            raise InputError(
                f"{said.where}: mended, the question nearly equals {there!r}, which people ask in this "
                "recipe; word it "
                "otherwise, or reject it."
            )
        if word != "reject" and (word or not accepted_only):
            records.append(_record(question, said))
    if not records:
        raise InputError("no question is left: people rejected all of them, or have accepted none.")
    return Reviewed(records, counts)


def write(
    folder: Path, review: Review, done: Reviewed, dropped: Sequence[Mapping[str, Any]] | None
) -> tuple[str, ...]:
    """Write all files beside, read what trains as the recipe will, and only then replace the earlier ones.

    Returns their names. `dropped` is None where an earlier run's stay.
    """
    rows = review_table.review_rows(review.written, review.passages, review.decisions)
    pairs = [f"{r['_id']}\t{r['metadata']['passage']}\t1\n" for r in done.records]
    texts = {
        WRITTEN: lines([{"_id": q.id, "text": q.text, "metadata": q.metadata} for q in review.written]),
        DROPPED: None if dropped is None else lines(dropped),
        review_table.FILE: review_table.review_csv(rows),
        review_page.FILE: review_page.review_page(review.name, rows, review.command),
        SYNTHETIC_QUERIES: lines(done.records),
        SYNTHETIC_QRELS: "".join(["\t".join(QRELS_HEADER) + "\n", *pairs]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".questions.") as made:
        aside = Path(made)
        for file, text in texts.items():
            if text is not None:
                (aside / file).write_bytes(text.encode("utf-8", "replace"))
        read = (review.corpus, aside / SYNTHETIC_QUERIES, aside / SYNTHETIC_QRELS)
        beir.read_judged(*read, skip_empty=True, synthetic=True)
        there = [file for file in FILES if texts[file] is not None]
        for file in there:
            (aside / file).replace(folder / file)
    return tuple(there)


def _record(question: Question, said: Decision | None) -> dict[str, Any]:
    metadata = dict(question.metadata)
    if said:
        metadata["review"] = {"accept": "accepted", "mend": "mended"}[str(said.word)]
    if said and said.word == "mend":
        metadata["written"] = question.text
    return {"_id": question.id, "text": said.text if said else question.text, "metadata": metadata}
