"""Whole JSON values that are no list of rows: what data sets, data frames and databases write.

Each shape is turned into rows of chunks, and where it holds questions into rows of those too.
"""

from __future__ import annotations

import ast
import io
import itertools
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

Record = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """What a file holds."""

    chunks: list[Record]
    questions: list[Record] | None = None


def recognised(value: Any) -> Content | None:  # noqa: ANN401 - any JSON value
    """Return what a value of a known shape holds, None where it is of no known shape."""
    for fits, read in SHAPES if value else ():
        try:
            if fits(value):
                return read(value)
        except (AttributeError, KeyError, TypeError, IndexError):
            continue  # it only looked like that shape
    return None


def _is_squad(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value["data"][0]["paragraphs"], list)


def _squad(value: Any) -> Content:  # noqa: ANN401 - any JSON value
    """Read SQuAD 1.1 and 2.0 (https://rajpurkar.github.io/SQuAD-explorer): a chunk a distinct context."""
    ids: dict[str, str] = {}
    counts: Counter[str] = Counter()
    chunks, questions = list[Record](), list[Record]()
    for document in value["data"]:
        for paragraph in document["paragraphs"]:
            text, title = paragraph["context"], document.get("title") or ""
            if text not in ids:
                # SQuAD writes `Pump_A`, others `Pump A`.
                name = "_".join(normalize("NFC", title).split()) or "paragraph"
                counts[name] += 1
                ids[text] = f"{name}#{counts[name]}"
                chunks.append({"id": ids[text], "title": title.replace("_", " "), "text": text})
            for one in paragraph["qas"]:
                expected = [] if one.get("is_impossible") else [ids[text]]
                questions.append({"id": one.get("id"), "question": one["question"], "expected": expected})
    return Content(chunks, questions)


def _is_llama_index(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return all(isinstance(value[key], dict) for key in ("queries", "corpus", "relevant_docs"))


def _llama_index(value: Any) -> Content:  # noqa: ANN401 - any JSON value
    """Read what LlamaIndex's EmbeddingQAFinetuneDataset saves."""
    chunks = [{"id": key, "text": text} for key, text in value["corpus"].items()]
    relevant = value["relevant_docs"]
    return Content(
        chunks,
        [
            {"id": key, "question": text, "expected": list(relevant.get(key, []))}
            for key, text in value["queries"].items()
        ],
    )


def _is_ragas(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return all(row["user_input"] and _texts(row["reference_contexts"]) is not None for row in value)


def _texts(value: Any) -> list[str] | None:  # noqa: ANN401 - any JSON value
    """Return a list of texts, in a CSV as Python prints it; None where it is none."""
    if isinstance(value, str):
        try:
            types = [t.type for t in tokenize.generate_tokens(io.StringIO(value).readline)]
            value = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError):
            return None
        # NumPy prints no commas, and Python would join what stands side by side.
        types = [one for one in types if one != tokenize.NL]
        if (tokenize.STRING, tokenize.STRING) in itertools.pairwise(types):
            return None
    return value if isinstance(value, list) and all(isinstance(item, str) for item in value) else None


def _ragas(value: Any) -> Content:  # noqa: ANN401 - any JSON value
    """Read Ragas' test sets: each distinct reference is a chunk."""
    references = [_texts(row["reference_contexts"]) or [] for row in value]
    texts = dict.fromkeys(itertools.chain(*references))
    ids = {text: f"context#{number}" for number, text in enumerate(texts, 1)}
    questions = [
        {
            **{key: item for key, item in row.items() if key not in ("user_input", "reference_contexts")},
            "question": row["user_input"],
            "expected": [ids[text] for text in expected],
        }
        for row, expected in zip(value, references, strict=True)
    ]
    return Content([{"id": id_, "text": text} for text, id_ in ids.items()], questions)


def _columns(value: Any) -> Content:  # noqa: ANN401 - any JSON value
    """Read `DataFrame.to_json()`: column -> index -> value."""
    index = list(next(iter(value.values())))
    return Content([{name: column[key] for name, column in value.items()} for key in index])


def _are_columns(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    first = next(iter(value.values()))
    alike = all(isinstance(column, dict) and list(column) == list(first) for column in value.values())
    return alike and bool(first) and all(key.isdigit() for key in first)


def _rows_of(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[Record]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def _chroma(value: Any) -> Content:  # noqa: ANN401 - any JSON value
    """Read what Chroma's `collection.get()` returns."""
    metadata = value.get("metadatas") or [None] * len(value["ids"])
    return Content(
        [
            {"id": id_, "text": text, "metadata": more or {}}
            for id_, text, more in zip(value["ids"], value["documents"], metadata, strict=True)
        ]
    )


#: Whether a value is of the shape, and what reads it. SQuAD; LlamaIndex; Ragas; pandas' `orient` split and
#: columns; Chroma; Elasticsearch and OpenSearch; the rows that Hugging Face's server gives.
SHAPES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Content]], ...] = (
    (_is_squad, _squad),
    (_is_llama_index, _llama_index),
    (_is_ragas, _ragas),
    (
        lambda value: isinstance(value["columns"], list) and isinstance(value["data"][0], list),
        lambda value: Content(_rows_of(value["columns"], value["data"])),
    ),
    (lambda value: isinstance(value["documents"], list) and isinstance(value["ids"], list), _chroma),
    (
        lambda value: isinstance(value["hits"]["hits"], list),
        lambda value: Content([{"_id": hit["_id"], **hit["_source"]} for hit in value["hits"]["hits"]]),
    ),
    (
        lambda value: isinstance(value["rows"][0]["row"], dict),
        lambda value: Content([item["row"] for item in value["rows"]]),
    ),
    (_are_columns, _columns),
)
