"""`pocketrag import`: chunks and questions with other field names -> the BEIR files that a recipe names."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import beir
from pocketrag.formats.facts.ingest import ImportFacts
from pocketrag.formats.judgement import QRELS_HEADER

from .fields import PASSAGE, QUESTION, Found, named_fields, recognise
from .passages import Corpus, lines, read_passages
from .questions import Known, Questions, check_judged, read_questions
from .rows import read_rows

CORPUS, QUERIES, QRELS, UNANSWERABLE, IDS = (
    "corpus.jsonl",
    "queries.jsonl",
    "qrels.tsv",
    "unanswerable.jsonl",
    "ids.jsonl",
)
#: What is imported is replaced as a whole: a file of the group that the new import has no use for goes.
#: `corpus.jsonl` is last to appear, so that it never stands beside an earlier import's questions.
CHUNK_FILES, QUESTION_FILES = (IDS, CORPUS), (QUERIES, QRELS, UNANSWERABLE)


def import_(
    chunks: str,
    questions: str | None = None,
    out: str | None = None,
    field: list[str] | None = None,
    skip_empty: bool = False,
    skip_unknown: bool = False,
    force: bool = False,
) -> ImportFacts:
    """Turn a chunk file, and a question file if there is one, into BEIR files in the folder `out`.

    Returns:
        Counts, the recognised fields (ours -> theirs), and what was made or skipped.

    Raises:
        InputError: a file is malformed, `out` is not given, or holds such files and `force` is not set.

    """
    if out is None:
        raise InputError("import: where to? Name a folder: --out DIR.")
    folder = Path(out)
    group = (*(QUESTION_FILES if questions else ()), *CHUNK_FILES)
    if not force and (there := [name for name in group if (folder / name).exists()]):
        raise InputError(
            f"{folder / there[0]}: is there already; choose another --out, or replace it with --force."
        )
    named = named_fields(field or [])
    _check_named(named, questions)
    corpus, found = _passages(Path(chunks), named, skip_empty)
    asked, found_asked = (
        _questions(Path(questions), named, corpus, skip_empty, skip_unknown) if questions else (None, {})
    )
    files = contents(corpus, asked)
    publish(folder, files, group)
    return _facts(
        folder,
        [name for name in (CORPUS, *QUESTION_FILES, IDS) if name in files],
        corpus,
        asked,
        [found, found_asked],
    )


def _check_named(named: dict[str, str], questions: str | None) -> None:
    names = {field.name for field in QUESTION} & set(named)
    if names and questions is None:
        raise InputError(
            f"--field {min(names)}=…: is a field of questions, and there is no --questions FILE."
        )


def _passages(file: Path, named: dict[str, str], skip_empty: bool) -> tuple[Corpus, Found]:
    rows = read_rows(file)
    found = recognise(file, rows, PASSAGE, named)
    return read_passages(file, rows, found, skip_empty), found


def _questions(
    file: Path, named: dict[str, str], corpus: Corpus, skip_empty: bool, skip_unknown: bool
) -> tuple[Questions, Found]:
    rows = read_rows(file)
    found = recognise(file, rows, QUESTION, named)
    questions = read_questions(rows, found, Known.of(corpus), skip_empty, skip_unknown)
    check_judged(file, questions)
    return questions, found


def contents(corpus: Corpus, questions: Questions | None) -> dict[str, str]:
    """Return file name -> text, of the files that hold anything."""
    files = {CORPUS: lines(corpus.records), IDS: lines(corpus.made)}
    if questions:
        files |= {QUERIES: lines(questions.records), UNANSWERABLE: lines(questions.unanswerable)}
        rows = [f"{query}\t{passage}\t{score}\n" for query, passage, score in questions.judgements]
        files[QRELS] = "".join(["\t".join(QRELS_HEADER) + "\n", *rows]) if rows else ""
    return {name: text for name, text in files.items() if text}


def publish(folder: Path, files: dict[str, str], group: tuple[str, ...]) -> None:
    """Write the files beside, read them as every later verb will, and only then replace the earlier ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".import.") as made:
        temporary = Path(made)
        for name, text in files.items():
            (temporary / name).write_text(text, "utf-8", newline="\n")
        if QRELS in files:
            beir.read_judged(temporary / CORPUS, temporary / QUERIES, temporary / QRELS)
        else:
            beir.read_corpus(temporary / CORPUS)
        for name in group:
            if name in files:
                (temporary / name).replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)


def _facts(
    folder: Path, files: list[str], corpus: Corpus, questions: Questions | None, found: list[Found]
) -> ImportFacts:
    q = questions or Questions()
    return ImportFacts(
        out=str(folder),
        files=tuple(files),
        passages=len(corpus.records),
        questions=len(q.records),
        judgements=len(q.judgements),
        unanswerable=len(q.unanswerable),
        fields=found[0],
        question_fields=found[1],
        made_ids=len(corpus.made),
        made_question_ids=q.made,
        joined_questions=q.joined,
        unusable_pages=corpus.unusable_pages,
        skipped={
            "chunks without text": corpus.empty,
            "questions without text": q.empty,
            "unknown expected ids": q.unknown,
            "questions without a known id": q.unjudged,
        },
    )
