"""Passages that stand in several places: kept once, with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pocketrag.formats.data.beir import Passage, normalized

#: From so many words on, a text says the same below any heading. "Default: none." does not.
WORDS = 20


def without_repeats(passages: Sequence[Passage]) -> tuple[list[Passage], int]:
    """Return the passages, each text once, and how many were left out.

    The first one's `metadata.also` lists the other places, as their ids and metadata. Shorter texts than
    `WORDS` words count as repeated only below the same title.
    """
    first: dict[tuple[str, str], int] = {}
    kept, also = list[Passage](), list[list[dict[str, object]]]()
    for passage in passages:
        text = normalized(passage.text)
        key = (text, "" if len(text.split()) >= WORDS else passage.title)
        at = first.setdefault(key, len(kept))
        if at == len(kept):
            kept.append(passage)
            also.append([])
        else:
            also[at].append({"id": passage.id, **passage.metadata})
    found = [
        replace(passage, metadata={**passage.metadata, "also": places}) if places else passage
        for passage, places in zip(kept, also, strict=True)
    ]
    return found, len(passages) - len(kept)
