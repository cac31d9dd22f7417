"""`pocketrag search`: answer a question from bundles as the phone would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pocketrag.errors import InputError
from pocketrag.formats.facts.search import SearchFacts
from pocketrag.formats.layout import MAIN, Role
from pocketrag.formats.tokenizer import clean

from .queries import Where
from .rag import open_bundle


def search(
    bundle: str,
    question: str,
    *,
    limit: int = 5,
    mode: str | None = None,
    threshold: float | None = None,
    where: Sequence[str] | None = None,
    beside: Sequence[str] | None = None,
    context: int | None = None,
    encoder: Role = MAIN,
) -> SearchFacts:
    """Return the best passages for a question.

    Args:
        bundle: the folder of a bundle.
        question: any text.
        limit: how many passages at most.
        mode: how to rank; by default what the bundle says.
        threshold: the cosine below which the best passage is probably no answer; by default the bundle's.
        where: "KEY=VALUE" each; only passages whose metadata say so. Of several values of one key any will
            do.
        beside: more bundles of the same model, searched with the first.
        context: return also the passages with their sections or neighbours, so many tokens at most.
        encoder: "main" or "fallback": which is asked first. A bundle without a fallback asks its main one.

    Raises:
        InputError: a bundle can't be opened, the question is empty, or a filter is none.

    """
    wanted = _filter(where or ())
    with open_bundle(bundle, *(beside or ()), start=encoder) as rag:
        answer = rag.search(question, limit, threshold=threshold, mode=mode, where=wanted)  # type: ignore[arg-type]
        found = SearchFacts(
            bundle=bundle,
            question=clean(question),
            mode=answer.mode,
            encoder=answer.encoder,
            encoders=rag.encoders.names,
            fell_back=answer.fell_back,
            best=answer.best,
            threshold=answer.threshold,
            abstain=answer.abstain,
            hits=answer.hits,
            nothing=answer.nothing,
            version=answer.version,
            model_id=answer.model_id,
        )
        return found.model_copy(update={"context": tuple(rag.context(answer, context))}) if context else found


def _filter(rows: Sequence[str]) -> Where | None:
    found: dict[str, list[str | int]] = defaultdict(list)
    for one in rows:
        key, equals, value = one.partition("=")
        if not key or not equals:
            raise InputError(f"--where {one!r}: must be KEY=VALUE, such as source=rules.pdf.")
        # On a command line 3 and "3" look alike: metadata may hold either.
        found[key] += (
            [value, int(value)] if value.isdecimal() and value.isascii() and len(value) < 16 else [value]
        )
    return found or None
