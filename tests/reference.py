"""The search once more, from the written contract alone: Python's own SQLite for plain tables, BM25 by its formula, NumPy for vectors."""

import math
import re
import sqlite3
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np

K1, B, WEIGHTS, DEPTH, ENTRIES = 1.2, 0.75, (2.0, 1.0, 1.0), 100, 20_000


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, lower case, without marks: what `unicode61 remove_diacritics 2` does to ordinary text."""
    folded = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", folded)


class Reference:
    def __init__(self, database: Path) -> None:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        rows = connection.execute("SELECT n, id, title, text FROM chunks ORDER BY n").fetchall()
        self.stem = dict(connection.execute("SELECT word, stem FROM words WHERE stem IS NOT NULL"))
        vectors = dict(connection.execute("SELECT n, vector FROM chunk_vectors"))
        connection.close()
        self.ids = [row[1] for row in rows]
        self.vectors = np.stack([np.frombuffer(vectors[row[0]], np.int8) for row in rows]).astype(np.int64)
        self.columns = [self._columns(title, text) for _, _, title, text in rows]
        self.length = [sum(sum(c.values()) for c in columns) for columns in self.columns]
        self.mean = sum(self.length) / len(self.length)

    def _columns(self, title: str, text: str) -> tuple[Counter, Counter, Counter]:
        both = [*words_of(title), *words_of(text)]
        return Counter(words_of(title)), Counter(words_of(text)), Counter(self.stem[w] for w in both if w in self.stem)

    def dense(self, vector: np.ndarray, depth: int = DEPTH) -> list[tuple[str, float]]:
        wide = vector.astype(np.float64)
        query = np.rint(wide / (np.abs(wide).max() / 127)).astype(np.int64)
        scores = self.vectors @ query
        order = sorted(range(len(self.ids)), key=lambda i: (-int(scores[i]), self.ids[i]))
        return [(self.ids[i], int(scores[i])) for i in order[:depth]]

    def bm25(self, question: str, depth: int = DEPTH) -> list[tuple[str, float]]:
        asked = dict.fromkeys(words_of(question))
        terms = {("word", w) for w in asked} | {("stem", self.stem.get(w, w)) for w in asked}
        found = {term: self._counts(*term) for term in terms}
        found = {term: counts for term, counts in found.items() if 0 < 2 * len(counts) <= len(self.ids)}
        assert sum(map(len, found.values())) <= ENTRIES, "the reference knows no budget"
        scores: Counter = Counter()
        for counts in found.values():
            idf = max(math.log((len(self.ids) - len(counts) + 0.5) / (len(counts) + 0.5)), 1e-6)
            for row, f in counts.items():
                scores[row] += idf * f * (K1 + 1) / (f + K1 * (1 - B + B * self.length[row] / self.mean))
        return sorted(((self.ids[row], score) for row, score in scores.items()), key=lambda item: (-item[1], item[0]))[:depth]

    def _counts(self, kind: str, term: str) -> dict[int, float]:
        columns = (0, 1) if kind == "word" else (2,)
        weighted = ((row, sum(WEIGHTS[c] * parts[c][term] for c in columns)) for row, parts in enumerate(self.columns))
        return {row: weight for row, weight in weighted if weight}

    def hybrid(self, question: str, vector: np.ndarray, fusion: str, weight: float) -> list[tuple[str, float]]:
        scores: Counter = Counter()
        for ranked, share in ((self.dense(vector), weight), (self.bm25(question), 1 - weight)):
            for place, (id_, score) in enumerate(ranked):
                low, high = ranked[-1][1], ranked[0][1]
                part = (score - low) / (high - low) if high > low else 1.0
                scores[id_] += share * (part if fusion == "scores" else 1 / (61 + place))
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def same(found: list[str], wanted: list[tuple[str, float]], top: int = 10, near: float = 1e-6) -> bool:
    """Whether the first ids are those wanted, where scores that differ by less than `near` may have changed places."""
    score = dict(wanted)
    return len(found[:top]) == len(wanted[:top]) and all(
        id_ == other or abs(score.get(id_, math.inf) - value) < near
        for id_, (other, value) in zip(found[:top], wanted[:top], strict=True)
    )
