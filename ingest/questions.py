"""`pocketrag questions`: passages -> questions by a model, sifted and reviewed; they never judge."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.facts.questions import QuestionsFacts, WrittenFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.stage_lock import held
from pocketrag.sampling import spread

from .charset import check_label
from .synthetic import review_page, review_table
from .synthetic.choose_questions import FAILED, Candidate, Rules, Sifted, choose_questions, question_of
from .synthetic.kept_replies import FILE, Replies, ask
from .synthetic.question_template import template_of
from .synthetic.questions_folder import WRITTEN, Review, Reviewed, claim, read_written, reviewed, write
from .synthetic.review_table import Decision, read_review
from .synthetic.taken import taken_of
from .synthetic.writers import writer_of

#: Where the recipe names no folder.
FOLDER = "questions"
#: Tuning needs 50 pairs, and a fifth of the questions is set aside to choose.
FEWEST = 63


@dataclass(frozen=True)
class _Made:
    """What one run has to show."""

    written: list[Question]
    decisions: Mapping[str, Decision]
    generator: str | None = None
    seed: int | None = None
    asked: int = 0
    replies: Replies | None = None
    sifted: Sifted | None = None

    @property
    def dropped(self) -> dict[str, int]:
        """Reason -> lines, and passages that the model could not answer."""
        failed = {FAILED: self.replies.failed} if self.replies and self.replies.failed else {}
        return {**(self.sifted.reasons if self.sifted else {}), **failed}

    @property
    def dropped_rows(self) -> list[dict[str, str]] | None:
        """Lines of `dropped.jsonl`; None where nothing new was written."""
        return None if self.sifted is None else [_row(one) for one in self.sifted.dropped]


def questions(
    recipe: str,
    *,
    out: str | None = None,
    generator: str | None = None,
    model: str | None = None,
    per_passage: int = 2,
    passages: int | None = None,
    seed: int = 17,
    template: str | None = None,
    limit: int = 10,
    bundle: str | None = None,
    accept: str | None = None,
    accepted_only: bool = False,
    encoding: str | None = None,
    work: str = "work",
) -> QuestionsFacts:
    """Let a model write questions to the recipe's passages, or take in what people said of them.

    Args:
        recipe: the TOML file.
        out: the folder; by default `data.synthetic`, or `questions` beside the recipe.
        generator: a generator's folder, a `.litertlm`, or the address of an OpenAI-compatible server; by
            default the
            folder beside the recipe's bundle.
        model: of an address: its name there.
        per_passage: questions to ask for, and to keep at most.
        passages: only so many, spread over the corpus.
        seed: for an address.
        template: a file with the prompt, `{passage}` in it.
        limit: the passage must be among so many that search finds.
        bundle: what searches; by default that in `android_assets/NAME` if it holds these passages, else
            full text.
        accept: a table that people have looked at.
        accepted_only: only what people accepted or mended trains.
        encoding: charset of a table that is not Unicode.
        work: where the recipe's stages lie.

    Raises:
        InputError: the recipe, its data or the table is bad, the model can't be asked, or no question is
            left.

    """
    project = Project.read(recipe, work=work)
    folder = _folder(project, out)
    check_label(encoding)
    by_id = {p.id: p for p in project.recipe.data.passages()}
    taken = taken_of(project.recipe, by_id)
    if accept is not None:
        _alone(generator=generator, model=model, template=template, passages=passages, bundle=bundle)
    # Of two at once the second would ask the model for what the first is being told.
    with held(project.folder / FOLDER):
        if accept is not None:
            made = _accepted(folder, Path(accept), by_id, encoding)
        else:
            rules = Rules(
                project.recipe.search.language, per_passage, taken, limit, bundle, project.recipe.name
            )
            prompt = template_of(rules.language, template)
            before = _before(folder, by_id, encoding)
            made = _written(project, by_id, rules, prompt, (generator, model, seed), passages, before)
        command = project.command("questions", "--accept", os.path.relpath(folder / review_table.FILE))
        review = Review(
            project.recipe.name, project.recipe.data.corpus, by_id, made.written, made.decisions, command
        )
        _refuse_nothing(project, made)
        done = reviewed(review, taken, accepted_only)
        files = write(folder, review, done, made.dropped_rows)
    return _facts(made, done).into(
        QuestionsFacts,
        recipe=recipe,
        out=str(folder),
        files=files,
        among=None if made.sifted is None else limit,
        next=tuple(_next(project, folder, done, command)),
    )


def _folder(project: Project, out: str | None) -> Path:
    named = project.recipe.data.synthetic or Path(project.file).parent / FOLDER
    folder = Path(out) if out else Path(os.path.relpath(named))
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: is not a folder; choose another.")
    claim(folder)
    return folder


def _alone(**options: object) -> None:
    if given := [name for name, value in options.items() if value is not None]:
        raise InputError(f"--accept: takes in a review and writes nothing new; leave --{given[0]} out.")


def _accepted(folder: Path, file: Path, passages: Mapping[str, Passage], encoding: str | None) -> _Made:
    written, before = _before(folder, passages, encoding)
    if not written:
        raise InputError(
            f"{folder / WRITTEN}: there are no questions to review yet; run without --accept first."
        )
    # What a table does not name stays as it was.
    return _Made(list(written.values()), _said({**before, **read_review(file, written, encoding)}))


def _said(rows: Mapping[str, Decision | None]) -> dict[str, Decision]:
    return {id_: said for id_, said in rows.items() if said}


def _before(
    folder: Path, passages: Mapping[str, Passage], encoding: str | None
) -> tuple[dict[str, Question], dict[str, Decision | None]]:
    file = folder / review_table.FILE
    written = read_written(folder, passages)
    return written, read_review(file, written, encoding, gone=True) if file.is_file() else {}


def _written(
    project: Project,
    passages: Mapping[str, Passage],
    rules: Rules,
    template: str,
    by: tuple[str | None, str | None, int],
    most: int | None,
    before: tuple[dict[str, Question], dict[str, Decision | None]],
) -> _Made:
    generator, model, seed = by
    # What people said outlives a new run, also of questions that it does not write again.
    everyone, earlier, decisions = list(passages.values()), before[0], _said(before[1])
    asked = spread(everyone, most) if most else everyone
    writer = writer_of(generator, model, project.recipe.name, seed)
    status(
        f"{writer.name} writes questions to {len(asked)} passages; answers are kept in "
        f"{project.folder / FILE}"
    )
    try:
        replies = ask(writer, asked, template, rules.per_passage, seed, project.folder)
    finally:
        writer.close()
    sifted = choose_questions(replies, everyone, rules)
    new = [question_of(one, writer.name, seed) for one in sifted.kept]
    ids = {q.id for q in new}
    kept = [q for id_, q in earlier.items() if id_ in decisions and id_ not in ids]
    return _Made([*new, *kept], decisions, writer.name, seed, len(asked), replies, sifted)


def _refuse_nothing(project: Project, made: _Made) -> None:
    if not made.written:
        why = ", ".join(f"{count} {reason}" for reason, count in made.dropped.items())
        raise InputError(
            f"{project.file}: no question is left: {why or 'the model wrote nothing'}. Another model or "
            "--template may do better."
        )


def _facts(made: _Made, done: Reviewed) -> WrittenFacts:
    sifted, replies = made.sifted, made.replies
    return WrittenFacts(
        generator=made.generator,
        seed=made.seed,
        passages=made.asked,
        earlier=replies.kept if replies else 0,
        lines=len(sifted.kept) + len(sifted.dropped) if sifted else 0,
        dropped=made.dropped,
        searched=sifted.searched or None if sifted else None,
        written=len(made.written),
        **done.counts,
        questions=len(done.records),
        passages_asked=len({r["metadata"]["passage"] for r in done.records}),
    )


def _row(one: tuple[Candidate, str, str | None]) -> dict[str, str]:
    candidate, reason, instead = one
    row = {"passage": candidate.passage.id, "text": candidate.text, "reason": reason}
    return {**row, "instead": instead} if instead else row


def _next(project: Project, folder: Path, done: Reviewed, command: str) -> Iterator[str]:
    data, count = project.recipe.data, len(done.records)
    if count < FEWEST and not data.has_questions:
        yield (
            f"{count} questions are few: tuning takes {FEWEST} or more; ask about more passages, or for more "
            "questions each"
        )
    if data.synthetic is None or data.synthetic.resolve() != folder.resolve():
        named = os.path.relpath(folder, Path(project.file).parent)
        yield f'write into [data] of {project.file}: synthetic = "{Path(named).as_posix()}"'
    if done.counts["undecided"]:
        page = folder / review_page.FILE
        yield f"open {page} in a browser, accept, mend and reject, save, and then: {command}"
    yield project.command("build")
