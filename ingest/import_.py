"""`pocketrag import`: chunks and questions with other field names -> the BEIR files that a recipe names."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.judgement import QRELS_HEADER
from pocketrag.formats.facts.ingest import ImportFacts

from .charset import check_label
from .fields import PASSAGE, QUESTION, Found, named_fields, recognise
from .folders import EXPECTED, Judged, corpus_of, judged_rows, questions_of, read_judgements
from .passages import Corpus, lines, read_passages
from .question_rows import Known, Questions, check_judged, read_questions
from .rows import Row, read_source

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


@dataclass(frozen=True)
class Given:
    """What the command's files hold."""

    file: Path
    """The chunks' file."""
    chunks: list[Row]
    asked: Path | None = None
    """The questions' file."""
    questions: list[Row] | None = None
    judged: Judged | None = None
    """Where judgements stand apart from the questions."""


def import_(
    chunks: str,
    questions: str | None = None,
    out: str | None = None,
    field: list[str] | None = None,
    qrels: str | None = None,
    encoding: str | None = None,
    skip_empty: bool = False,
    skip_unknown: bool = False,
    force: bool = False,
) -> ImportFacts:
    """Turn a chunk file, and a question file if there is one, into BEIR files in the folder `out`.

    `chunks` may also be a folder in BEIR layout, or a file that holds questions, too. `qrels` judges
    questions by id.

    Returns:
        Counts, the recognised fields (ours -> theirs), and what was made or skipped.

    Raises:
        InputError: a file is malformed, `out` is not given, or holds such files and `force` is not set.

    """
    if out is None:
        raise InputError("import: where to? Name a folder: --out DIR.")
    check_label(encoding)
    named = named_fields(field or [])
    folder = Path(out)
    _check_free(folder, CHUNK_FILES, force)
    given = read_given(Path(chunks), questions, qrels, encoding)
    group = (*(QUESTION_FILES if given.questions else ()), *CHUNK_FILES)
    _check_free(folder, group, force)
    _check_named(named, given.questions)
    found = recognise(given.file, given.chunks, PASSAGE, named)
    corpus = read_passages(given.file, given.chunks, found, skip_empty)
    asked, found_asked = _questions(given, named, corpus, skip_empty, skip_unknown)
    files = contents(corpus, asked)
    publish(folder, files, group)
    return _facts(
        folder,
        [name for name in (CORPUS, *QUESTION_FILES, IDS) if name in files],
        corpus,
        asked,
        [found, found_asked],
    )


def read_given(chunks: Path, questions: str | None, qrels: str | None, encoding: str | None) -> Given:
    """Read the files, those of a folder in BEIR layout too.

    Raises:
        InputError: a file can't be read, or judgements come without questions.

    """
    asked, judgements = (Path(questions) if questions else None), [Path(qrels)] if qrels else []
    if chunks.is_dir():
        theirs, judged_there = questions_of(chunks)
        if asked is None:
            asked, judgements = theirs, judgements or judged_there
        chunks = corpus_of(chunks)
    source = read_source(chunks, encoding)
    rows = source.questions
    if asked is not None:
        other = read_source(asked, encoding)
        rows = other.rows if other.questions is None else other.questions
    if qrels and rows is None:
        raise InputError(f"--qrels {qrels}: judges questions, and there is no --questions FILE.")
    judged = read_judgements(judgements) if judgements and rows is not None else None
    return Given(chunks, source.rows, asked or chunks, rows, judged)


def _check_free(folder: Path, group: tuple[str, ...], force: bool) -> None:
    if not force and (there := [name for name in group if (folder / name).exists()]):
        raise InputError(
            f"{folder / there[0]}: is there already; choose another --out, or replace it with --force."
        )


def _check_named(named: dict[str, str], questions: list[Row] | None) -> None:
    names = {field.name for field in QUESTION} & set(named)
    if names and questions is None:
        raise InputError(
            f"--field {min(names)}=…: is a field of questions, and there is no --questions FILE."
        )


def _questions(
    given: Given, named: dict[str, str], corpus: Corpus, skip_empty: bool, skip_unknown: bool
) -> tuple[Questions | None, Found]:
    if given.questions is None or given.asked is None:
        return None, {}
    rows, found = given.questions, recognise(given.asked, given.questions, QUESTION, named)
    if given.judged is not None:
        rows = judged_rows(rows, found.get("question_id", ""), given.judged)
        found = {**found, "expected": EXPECTED}
        found.pop("score", None)
    if not rows:
        raise InputError(f"{given.asked}: the judgements name none of its questions by id.")
    questions = read_questions(rows, found, Known.of(corpus), skip_empty, skip_unknown)
    questions.unjudged += len(given.questions) - len(rows)
    check_judged(given.asked, questions)
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
            "questions without a judgement": q.unjudged,
        },
    )
