"""Made-up passages, questions and vectors of any number, with what makes real ones cost time.

Common words, and near neighbours.

Words: ranks by the double power law that Gerlach & Altmann fitted to English (2013,
https://doi.org/10.1103/PhysRevX.3.021006): the vocabulary then grows with the text by Heaps' law. Words do
not clump as in real texts, so more passages share a common word than would. Vectors: a mean, topics, sections
and a rest, all of one falling spectrum, fitted to the 1 857 passages and 1 000 questions of one French corpus
as EmbeddingGemma sees them (768 dims); docs/index.md says how alike they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: Gerlach & Altmann: frequency falls as 1 / rank up to the first `CORE` words, then as rank ** -`TAIL`.
CORE, TAIL = 7873, 1.77
#: Ranks that can be drawn; some 100 000 passages draw under a third of them.
TYPES = 2_000_000
#: Words a passage, from and to; a title's; a question's.
BODY, TITLE, ASKED = (120, 200), (3, 8), (8, 15)
#: Of a question's words that many are common ones, drawn from the first `COMMON` by frequency; the rest are
#: its passage's.
COMMON_SHARE, COMMON = 0.35, 200
#: One stem has that many forms, of ranks side by side.
ENDINGS = ("", "s", "e")
CONSONANTS, VOWELS = "bcdfglmnprstvz", "aeiou"
#: Passages a section and a topic, a page and a document.
SECTION, TOPIC, PAGE, DOCUMENT = 5, 40, 4, 50
#: Fitted: variance of a centred vector in direction r falls as r ** -(2/3) * exp(-r / 190), least squares on
#: its log.
FALL, REACH = 2 / 3, 190
#: Fitted: squared length of the mean of passages and of questions (the mean cosine of two), and the cosine of
#: both means.
PASSAGE_MEAN, QUESTION_MEAN, BETWEEN_MEANS = 0.34, 0.21, 0.8
#: Fitted: shares of variance of topic and section, so that the 1st, 10th and 100th neighbour are as near as
#: real ones.
OF_TOPIC, OF_SECTION = 0.30, 0.33
#: Fitted: cosine of a question and its passage, both centred.
NEAR = 0.55


@dataclass(frozen=True)
class Files:
    """What lies in a folder of made-up data."""

    folder: Path

    @property
    def corpus(self) -> Path:
        """The passages."""
        return self.folder / "corpus.jsonl"

    @property
    def passages(self) -> Path:
        """Their vectors, float32 [n, dims]."""
        return self.folder / "embeddings.npy"

    @property
    def queries(self) -> Path:
        """The questions."""
        return self.folder / "queries.jsonl"

    @property
    def questions(self) -> Path:
        """Their vectors, float32 [m, dims]."""
        return self.folder / "questions.npy"


def write(folder: Path, passages: int, questions: int, dims: int = 768, seed: int = 0) -> Files:
    """Write made-up data; each question is asked of a passage of its own drawing.

    The same numbers give the same bytes.
    """
    rng, files = np.random.default_rng(seed), Files(folder)
    asked = rng.integers(0, passages, questions)
    for file, rows in zip(
        (files.passages, files.questions), make_vectors(rng, passages, asked, dims), strict=True
    ):
        np.save(file, rows)
    with (
        files.corpus.open("w", encoding="utf-8") as corpus,
        files.queries.open("w", encoding="utf-8") as queries,
    ):
        for out, lines in zip((corpus, queries), texts(rng, passages, asked), strict=True):
            out.writelines(json.dumps(line) + "\n" for line in lines)
    return files


def texts(
    rng: np.random.Generator, passages: int, asked: np.ndarray
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return passages and questions as BEIR's lines; question i is of the passage `asked[i]`, int [m]."""
    shares = np.cumsum(frequencies())
    spelled: dict[int, str] = {}

    def some(low: int, high: int, first: int = TYPES) -> list[int]:
        drawn = rng.random(int(rng.integers(low, high + 1))) * shares[first - 1]
        return [int(rank) for rank in np.searchsorted(shares, drawn)]

    def join(ranks: Sequence[int]) -> str:
        for rank in ranks:
            spelled.setdefault(rank, spell(rank))
        return " ".join(spelled[rank] for rank in ranks)

    bodies = [some(*BODY) for _ in range(passages)]
    corpus = [
        {"_id": f"p{n:07}", "title": join(some(*TITLE)), "text": join(body), "metadata": _metadata(n)}
        for n, body in enumerate(bodies)
    ]
    questions = []
    for n, place in enumerate(asked):
        length = int(rng.integers(ASKED[0], ASKED[1] + 1))
        common = round(COMMON_SHARE * length)
        own = [int(rank) for rank in rng.choice(bodies[place], length - common, replace=False)]
        text = join(own + some(common, common, COMMON))
        questions.append({"_id": f"q{n:05}", "text": text, "metadata": {"passage": corpus[place]["_id"]}})
    return corpus, questions


def frequencies() -> np.ndarray:
    """Return the share of every rank, float64 [TYPES]."""
    ranks = np.arange(1, TYPES + 1)
    shares = np.where(ranks <= CORE, 1 / ranks, CORE ** (TAIL - 1) * ranks.astype(np.float64) ** -TAIL)
    return np.asarray(shares / shares.sum())


def spell(rank: int) -> str:
    """Return the word of a rank from 0.

    A stem of open syllables and a consonant, short where it is common, and an ending.
    """
    stem, form = divmod(rank, len(ENDINGS))
    syllables = ""
    while not syllables or stem:
        stem, left = divmod(stem, len(CONSONANTS) * len(VOWELS))
        syllables = CONSONANTS[left // len(VOWELS)] + VOWELS[left % len(VOWELS)] + syllables
    return f"{syllables}t{ENDINGS[form]}"


def make_vectors(
    rng: np.random.Generator, passages: int, asked: np.ndarray, dims: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return passages and questions, float32 [n, dims] and [m, dims], of unit length.

    Question i is near the passage `asked[i]`.
    """
    turn = np.linalg.qr(rng.normal(size=(dims, dims)))[0].astype(np.float32)
    mean, other = np.linalg.qr(rng.normal(size=(dims, 2)))[0].T.astype(np.float32)
    sections, topics = max(1, passages // SECTION), max(1, passages // TOPIC)
    topic, section = rng.integers(0, topics, sections), rng.integers(0, sections, passages)
    rows = _drawn(rng, passages, dims) * np.float32((1 - OF_TOPIC - OF_SECTION) ** 0.5)
    rows += _drawn(rng, sections, dims)[section] * np.float32(OF_SECTION**0.5)
    rows += _drawn(rng, topics, dims)[topic[section]] * np.float32(OF_TOPIC**0.5)
    questions = np.float32(NEAR) * rows[asked] + np.float32((1 - NEAR**2) ** 0.5) * _drawn(
        rng, len(asked), dims
    )
    shifted = BETWEEN_MEANS * mean + (1 - BETWEEN_MEANS**2) ** 0.5 * other
    return _placed(rows @ turn, mean, PASSAGE_MEAN), _placed(questions @ turn, shifted, QUESTION_MEAN)


def _drawn(rng: np.random.Generator, n: int, dims: int) -> np.ndarray:
    # Of unit length in the mean.
    ranks = np.arange(1, dims + 1)
    spectrum = ranks**-FALL * np.exp(-ranks / REACH)
    return np.asarray(
        rng.standard_normal((n, dims), np.float32) * np.sqrt(spectrum / spectrum.sum()).astype(np.float32)
    )


def _placed(rows: np.ndarray, mean: np.ndarray, share: float) -> np.ndarray:
    rows = np.float32((1 - share) ** 0.5) * rows + np.float32(share**0.5) * mean
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _metadata(n: int) -> dict[str, Any]:
    return {
        "source": f"document {n // DOCUMENT}",
        "page": n % DOCUMENT // PAGE + 1,
        "parent": f"section {n // SECTION}",
    }
