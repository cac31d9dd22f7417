"""How a bundle performs, part by part: `make bench`. Figures are ratios to the reference named by `like`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pocketrag.formats import files
from pocketrag.formats.layout import DATABASE, ROLES, Role
from pocketrag.runtime import ranking
from pocketrag.runtime.rag import Rag, open_bundle
from pocketrag.runtime.vectors import Vectors

from .conftest import Measure, OpenRole

#: A corpus as large as brute force is asked to search.
MANY = 20_000
QUESTION = "When may the arbiter stop the clocks, and who has to be told?"


@pytest.mark.parametrize("length", [32, 64, 128, 256])
def test_embed(measure: Measure, rag: Rag, length: int) -> None:
    """One text that fills a length of the model."""
    if length not in rag.spec.lengths:
        pytest.skip(f"the bundle has the lengths {rag.spec.lengths}")
    ids = [*rag.tokenize(QUESTION) * length][:length]
    measure(lambda: rag.embedder.embed_ids(ids, length), like="arithmetic")


def test_tokenize_a_question(measure: Measure, rag: Rag) -> None:
    """A question, with its prompt."""
    measure(lambda: [rag.tokenize(rag.spec.prompts.ask(QUESTION)) for _ in range(10)], like="text")


def test_tokenize_a_long_text(measure: Measure, rag: Rag) -> None:
    """A text of 6 000 characters."""
    measure(lambda: rag.tokenize(QUESTION * 100), like="text")


def test_full_text(measure: Measure, rag: Rag) -> None:
    """BM25 over the bundle's passages, all of it SQL."""
    measure(lambda: rag.bm25(QUESTION, ranking.DEPTH), like="database")


def test_nearest_of_many(measure: Measure, rag: Rag) -> None:
    """Brute force over 20 000 made-up int8 vectors."""
    rows = np.random.default_rng(0).integers(-127, 128, (MANY, rag.spec.dims), np.int8)
    vectors, question = Vectors([f"{n:05}" for n in range(MANY)], rows, 1 / 127), rows[7].astype(np.float32)
    measure(lambda: vectors.nearest(question, 10), like="memory")


@pytest.mark.parametrize("role", ROLES)
def test_answer(measure: Measure, open_role: OpenRole, role: Role) -> None:
    """A whole answer by each encoder: tokenize, embed, search, fetch the passages."""
    with open_role(role) as rag:
        measure(lambda: rag.search(QUESTION), like="arithmetic")


@pytest.mark.parametrize("role", ROLES)
def test_open_and_answer(measure: Measure, open_role: OpenRole, role: Role) -> None:
    """Open an encoder and its database, and answer the first question."""

    def work() -> None:
        with open_role(role) as rag:
            rag.search(QUESTION)

    measure(work, like="memory")


def test_open(measure: Measure, bundle: Path) -> None:
    """Check the digests of a bundle and open it."""

    def work() -> None:
        with open_bundle(bundle):
            pass

    measure(work, like="hashing")


def test_digest(measure: Measure, bundle: Path) -> None:
    """The database's SHA-256."""
    measure(lambda: files.sha256(bundle / DATABASE), like="hashing")
