"""`pocketrag import` and `pocketrag chunk`."""

from __future__ import annotations

from .base import Count, Facts


class ImportFacts(Facts):
    """What became of chunks and questions in other people's formats."""

    out: str
    """The folder that took the files."""
    files: tuple[str, ...]
    """Their names."""
    passages: Count
    questions: Count
    judgements: Count
    unanswerable: Count
    """Questions that no chunk answers."""
    fields: dict[str, str]
    """Of chunks: our field -> theirs."""
    question_fields: dict[str, str]
    made_ids: Count
    """Passages that had no id and got one."""
    made_question_ids: Count
    joined_questions: Count
    """Rows of one question that were joined."""
    unusable_pages: Count
    """Passages of which the page is not a number."""
    skipped: dict[str, Count]
    """What -> how many: with --skip-empty and --skip-unknown, and questions that no judgement names."""


class ChunkFacts(Facts):
    """What became of a folder of documents."""

    corpus: str
    """The file that was written."""
    embedder: str
    """Whose tokenizer counts."""
    files: Count
    sections: Count
    passages: Count
    repeated: Count
    """Passages left out, since another one has their text and names their places."""
    tokens_limit: Count
    tokens_median: Count
    """Of a passage as embedded, prompt and title included."""
    tokens_max: Count
    skipped: dict[str, str]
    """File -> why it was not read; with --skip-bad also those that can't be."""
    pages_without_text: dict[str, tuple[Count, ...]]
    """File -> its pages without text."""
    missing: dict[str, tuple[str, ...]]
    """File -> what it shows and could not be read, such as formulas without a saved value, and what to do."""
    hidden: Count
    """Files and folders whose name begins with a dot."""
    unknown_suffix: dict[str, Count]
    """Suffix -> files that no reader reads."""
