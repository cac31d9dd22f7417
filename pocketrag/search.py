"""`pocketrag search`: answer a question from a bundle as the phone would."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pocketrag.runtime import open_bundle
from pocketrag.tokens import clean


def search(bundle: str, question: str, *, limit: int = 5, mode: str | None = None) -> dict[str, Any]:
    """Return the best passages for a question.

    Raises:
        InputError: the bundle can't be opened, or the question is empty.

    """
    with open_bundle(bundle) as rag:
        hits = rag.search(question, limit=limit, mode=mode)  # type: ignore[arg-type]
        facts = {"bundle": bundle, "question": clean(question), "mode": mode or rag.fusion.mode}
        return {**facts, "hits": [asdict(hit) for hit in hits]}
