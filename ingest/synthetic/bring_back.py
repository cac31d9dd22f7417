"""Does a question bring its passage back? By a bundle's own search, else by full text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.manifest import MANIFEST
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.rag import Rag, open_bundle

#: What searched, where there is no bundle: BM25 over the corpus.
FULL_TEXT = "bm25"


def first_places(
    questions: Sequence[str], passages: Sequence[Passage], limit: int, bundle: str | None, name: str
) -> tuple[list[list[str]], str]:
    """Return the ids of each question's first passages, and what searched: a bundle and its mode, or BM25.

    Args:
        questions: texts.
        passages: the corpus, all of it.
        limit: how many.
        bundle: the folder of a bundle of these passages.
        name: the recipe's: where no bundle is given, that in `android_assets/NAME` searches, if it is
            there and
            holds these passages.

    Raises:
        InputError: the bundle that was given can't be opened, or holds other passages.

    """
    folder = Path(bundle) if bundle else Path("android_assets", name)
    if bundle or (folder / MANIFEST).is_file():
        with open_bundle(folder) as rag:
            other = _other(rag, passages)
            if not other:
                found = rag.search_many(list(questions), limit)
                return [[hit.id for hit in one.hits] for one in found], f"{folder}, {rag.fusion.mode}"
        if bundle:
            raise InputError(f"--bundle {folder}: {other}; build it again, or leave the option out.")
        status(f"{folder}: {other}, so full text searches")
    asked = [Question(str(n), text) for n, text in enumerate(questions)]
    ranked = full_text(passages, asked)
    return [[id_ for id_, _ in ranked[q.id][:limit]] for q in asked], FULL_TEXT


def _other(rag: Rag, passages: Sequence[Passage]) -> str | None:
    there = {
        id_: (title, text) for id_, title, text in rag.database.rows("SELECT id, title, text FROM chunks")
    }
    here = {p.id: (p.title, p.text) for p in passages}
    if differ := sorted(id_ for id_ in {*there, *here} if there.get(id_) != here.get(id_)):
        return f"holds other passages than the corpus ({len(differ)} differ, such as {differ[0]!r})"
    return None
