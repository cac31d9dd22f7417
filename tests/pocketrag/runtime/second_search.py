"""The search written once more, from its descriptions: FTS5's BM25 in plain Python, int8 products, both fusions."""

import json
import math
import sqlite3
from collections import Counter

import numpy as np

from tests.pocketrag.runtime.second_words import asked, words

#: Of title, text and stems; FTS5's own constants (https://sqlite.org/fts5.html#the_bm25_function).
WEIGHTS, K1, B = (2.0, 1.0, 1.0), 1.2, 0.75


class Reference:
    """A database read by Python's own sqlite3, plain tables only."""

    def __init__(self, file, stem=None):
        connection = sqlite3.connect(file)
        self.rows = {id_: (title, text, json.loads(m)) for id_, title, text, m in
                     connection.execute("SELECT id, title, text, metadata FROM chunks")}  # fmt: skip
        query = "SELECT id, vector FROM chunks JOIN chunk_vectors USING (n) ORDER BY id"
        self.vectors = {
            id_: np.frombuffer(blob, np.int8).astype(np.int64) for id_, blob in connection.execute(query)
        }
        self.scale = float(
            connection.execute("SELECT value FROM metadata WHERE key = 'vector_scale'").fetchone()[0]
        )
        connection.close()
        self.stem = stem
        self.written = {id_: (words(title), words(text)) for id_, (title, text, _) in self.rows.items()}
        self.columns = {id_: self._columns(title, text) for id_, (title, text, _) in self.rows.items()}
        self.length = {id_: sum(column.total() for column in row) for id_, row in self.columns.items()}
        self.average = sum(self.length.values()) / len(self.columns)

    def _columns(self, title, text):
        stems = [self.stem(word) for word in words(title) + words(text)] if self.stem else []
        return Counter(words(title)), Counter(words(text)), Counter(stems)

    def _terms(self, question):
        """(passages that hold it, how it is written, {id: weighted frequency}), the rarest first."""
        asked = set(words(question))
        wanted = [(f'{{title text}} : "{w}"', w, (0, 1)) for w in asked]
        if self.stem:
            wanted += [(f'stems : "{s}"', s, (2,)) for s in {self.stem(w) for w in asked}]
        found = []
        for written, term, columns in wanted:
            counts = {
                id_: sum(WEIGHTS[c] * row[c][term] for c in columns) for id_, row in self.columns.items()
            }
            counts = {id_: n for id_, n in counts.items() if n}
            if len(counts) > 0 and 2 * len(counts) <= max(20, len(self.columns)):
                found.append((len(counts), written, counts))
        known = any(w in column for w in asked for row in self.columns.values() for column in row[:2])
        return sorted(found, key=lambda row: row[:2]) + self._phrases(question, known)

    def _phrases(self, question, known):
        """The same of phrases; one with a digit three times. Without a known word only what begins so."""
        found = []
        for name, begins in asked(question)[:32]:
            if not (known or begins):
                continue
            counts = {
                id_: sum(
                    weight * _count(name, begins, column)
                    for weight, column in zip(WEIGHTS, row, strict=False)
                )
                for id_, row in self.written.items()
            }
            counts = {id_: n for id_, n in counts.items() if n}
            times = 3 if any(c.isdecimal() for word in name for c in word) else 1
            found += [(len(counts), name, counts)] * (times if counts else 0)
        return found

    def bm25(self, question):
        scores = {}
        for hits, _, counts in self._terms(question):
            idf = max(math.log((len(self.columns) - hits + 0.5) / (hits + 0.5)), 1e-6)
            for id_, n in counts.items():
                length = self.length[id_] / self.average
                scores[id_] = scores.get(id_, 0.0) + idf * (n * (K1 + 1)) / (n + K1 * (1 - B + B * length))
        return ranked(scores)

    def dense(self, vector):
        step = np.abs(vector.astype(np.float64)).max() / 127
        query = np.clip(np.rint(vector.astype(np.float64) / step), -127, 127).astype(np.int64)
        return ranked({id_: int(row @ query) * step * self.scale for id_, row in self.vectors.items()})

    def scores(self, dense, lexical, weight):
        summed = Counter()
        for rows, share in ((dense[:100], weight), (lexical[:100], 1 - weight)):
            if rows:
                high, low = rows[0][1], rows[-1][1]
                summed.update(
                    {id_: share * ((s - low) / (high - low) if high > low else 1.0) for id_, s in rows}
                )
        return ranked(summed)

    def ranks(self, dense, lexical, weight):
        summed = Counter()
        for rows, share in ((dense[:100], weight), (lexical[:100], 1 - weight)):
            summed.update({id_: share / (60 + n) for n, (id_, _) in enumerate(rows, start=1)})
        return ranked(summed)


def _count(name, begins, column):
    """How often the words of a name follow one another; of the last one perhaps only the beginning."""
    rows = (column[at : at + len(name)] for at in range(len(column) - len(name) + 1))
    return sum(
        tuple(row[:-1]) == name[:-1] and (row[-1].startswith(name[-1]) if begins else row[-1] == name[-1])
        for row in rows
    )


def ranked(scores):
    return sorted(scores.items(), key=lambda row: (-row[1], row[0]))
