"""Does a bundle cut texts as its float embedder does? Pieces are compared, not ids.

A trimmed vocabulary has ids of its own.
"""

from __future__ import annotations

from typing import Any

from pocketrag.formats.facts.parity import TokenCounts
from pocketrag.formats.tokenizer import clean, load_pieces
from pocketrag.reference import float_model

from .subject import Subject


def differing(subject: Subject, reference: Any, texts: list[str]) -> TokenCounts:  # noqa: ANN401 - a SentenceTransformer
    """Count the texts that both cut alike, those that differ by a trimmed piece, and the others."""
    names = load_pieces(subject.folder, subject.spec.tokenizer)
    known, found = set(names), {"same": 0, "trimmed": 0, "wrong": 0}
    example = None
    for text in texts:
        ours = [names[id_] for id_ in subject.model.tokenize(text)]
        theirs = reference.tokenizer.convert_ids_to_tokens(float_model.tokenize(reference, clean(text)))
        how = "same" if ours == theirs else "trimmed" if set(theirs) - known else "wrong"
        found[how] += 1
        if how == "wrong" and example is None:
            example = text[:60]
    return TokenCounts(n=len(texts), **found, example=example)
