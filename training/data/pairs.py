"""Training pairs in one JSONL file: a question and the passage that answers it, a line each.

Keys: `query`, `positive_id`, and optionally `negative_ids`, `split` ("train" or "dev"), `category`,
`difficulty`. Lines with the same question and split are one question with several positives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Qrels, Question, normalized
from pocketrag.formats.data.text_checks import check_text

SPLITS = ("train", "dev")
#: Keys of a line that describe it; other keys are somebody else's and are left alone.
LABELS = ("category", "difficulty")


@dataclass
class Pairs:
    """A file of pairs; ids of questions are `pair:LINE`, of the line that asks first."""

    questions: dict[str, list[Question]] = field(default_factory=lambda: {"train": [], "dev": []})
    """By split; all under "train" where the file names none.

    `metadata` holds `negative_ids`, `category` and `difficulty`.
    """
    qrels: Qrels = field(default_factory=dict)
    named: bool = False
    """Whether the file names the splits."""


def read_pairs(file: Path, pool: list[Passage]) -> Pairs:
    """Read the pairs and check them against the passages they refer to.

    Raises:
        InputError: a line is malformed, names an id that the passages lack, repeats a pair, has an empty
            `negative_ids` or its positive among them, asks with the text of a passage, or only some lines
            name a split.

    """
    known, texts = {p.id for p in pool}, {normalized(p.text): p.id for p in pool}
    pairs = Pairs()
    first: dict[tuple[str, str], Question] = {}
    for number, row in beir.read_objects(file, "`query` and `positive_id`"):
        where = f"{file}:{number}"
        _check(where, row, known, texts)
        if first and ("split" in row) != pairs.named:
            raise InputError(
                f"{where}: some lines name a `split` and others don't; name it in all or in none."
            )
        pairs.named = "split" in row
        split = row.get("split", "train")
        key = split, normalized(row["query"])
        if key not in first:
            first[key] = Question(
                f"pair:{number}", row["query"], {name: row[name] for name in LABELS if row.get(name)}
            )
            pairs.questions[split].append(first[key])
        _add(where, row, first[key], pairs.qrels)
    if not first:
        raise InputError(f"{file}: is empty; expected one JSON object with `query` and `positive_id` a line.")
    return pairs


def _add(where: str, row: dict[str, Any], question: Question, qrels: Qrels) -> None:
    positives = qrels.setdefault(question.id, {})
    if row["positive_id"] in positives:
        raise InputError(
            f"{where}: pairs {row['query']!r} with {row['positive_id']!r} a second time; "
            "remove one of the lines."
        )
    positives[row["positive_id"]] = 1
    given = question.metadata.setdefault("negative_ids", [])
    given.extend(id_ for id_ in row.get("negative_ids", []) if id_ not in given)


def _check(where: str, row: dict[str, Any], known: set[str], texts: dict[str, str]) -> None:
    for key in ("query", "positive_id"):
        check_text(where, key, row.get(key))
    negatives = _negatives(where, row)
    if unknown := [id_ for id_ in (row["positive_id"], *negatives) if id_ not in known]:
        raise InputError(
            f"{where}: the passage {unknown[0]!r} is not in the corpus; `data.train_corpus` must hold the "
            "passages that pairs name."
        )
    if row["positive_id"] in negatives:
        raise InputError(
            f"{where}: the positive {row['positive_id']!r} is among its own `negative_ids`; remove it there."
        )
    if (same := texts.get(normalized(row["query"]))) is not None:
        raise InputError(
            f"{where}: the question equals the passage {same!r}, so there is nothing to "
            "learn; remove the line."
        )
    if row.get("split", "train") not in SPLITS:
        raise InputError(f"{where}: `split` is {row['split']!r}; use one of {', '.join(SPLITS)}.")
    for key in LABELS:
        if not isinstance(row.get(key) or "", str):
            raise InputError(f"{where}: `{key}` must be a string.")


def _negatives(where: str, row: dict[str, Any]) -> list[str]:
    if "negative_ids" not in row:
        return []
    negatives = row["negative_ids"]
    if not isinstance(negatives, list) or not negatives or not all(isinstance(id_, str) for id_ in negatives):
        raise InputError(
            f"{where}: `negative_ids` must be a list of passage ids and not empty; list some, "
            "or remove the key."
        )
    return negatives
