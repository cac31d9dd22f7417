"""The databases that a search goes through: one, or several of one model, their lists merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError

from .database import Database, Row
from .queries import Where
from .ranking import Ranked
from .vectors import Vectors

#: Between a corpus's name and a passage's id, where several are searched at once; neither holds white space.
BETWEEN = " "


@dataclass(frozen=True)
class Corpus:
    """One database that is searched."""

    name: str
    database: Database
    vectors: Vectors


def open_corpus(name: str, file: Path, model_id: str, dims: int) -> Corpus:
    """Open a database whose vectors a model of so many dims made.

    Raises:
        InputError: it can't be opened, or another model made it.

    """
    database = Database(file)
    if database.model_id != model_id:
        raise InputError(
            f"{file}: its vectors are of the model {database.model_id!r}, not of {model_id!r}. "
            "Build both together."
        )
    if database.vectors.shape[1] != dims:
        raise InputError(
            f"{file}: its vectors have {database.vectors.shape[1]} dims, the model's {dims}. "
            "Build both together."
        )
    return Corpus(name, database, Vectors(database.ids, database.vectors, database.scale))


def merge(corpora: Sequence[Corpus], rank: Callable[[Corpus], Ranked], depth: int) -> Ranked:
    """Rank in every corpus and merge the lists by score, `depth` deep.

    Of several corpora, ids come back as "name id".
    """
    if len(corpora) == 1:
        return rank(corpora[0])
    named = [(f"{corpus.name}{BETWEEN}{id_}", score) for corpus in corpora for id_, score in rank(corpus)]
    return sorted(named, key=lambda item: (-item[1], item[0]))[:depth]


def why_nothing(corpora: Sequence[Corpus], question: str, where: Where | None) -> str:
    """Say why a search found no passage."""
    if where and not any(corpus.database.where(where) for corpus in corpora):
        return "no passage is as the filter says"
    counts = [corpus.database.known(question) for corpus in corpora]
    if not any(asked for asked, _ in counts):
        return "the question holds no letters or digits that full text could look up"
    if not any(known for _, known in counts):
        return "none of the question's words stands in a passage"
    if where:
        return "no passage that the filter allows holds a word of the question that tells passages apart"
    return "the question's words stand in more than half of the passages, or in none"


def find_passage(corpora: Sequence[Corpus], key: str) -> tuple[Corpus, Row]:
    """Return the passage that `merge` listed under this key, and its corpus."""
    name, _, id_ = key.partition(BETWEEN) if len(corpora) > 1 else (corpora[0].name, "", key)
    corpus = next(c for c in corpora if c.name == name)
    return corpus, corpus.database.passage(id_)
