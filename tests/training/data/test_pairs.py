"""The JSONL of training pairs, read strictly."""

import pytest
from pocketrag.training.data.pairs import read_pairs

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from tests.conftest import write_jsonl

POOL = [Passage(f"p{n}", "", f"passage number {n}") for n in range(5)]
ROW = {"query": "what is nought?", "positive_id": "p0"}


def test_lines_with_one_question_are_one_question(tmp_path):
    rows = [
        {
            **ROW,
            "negative_ids": ["p3"],
            "split": "train",
            "difficulty": "hard",
            "category": None,
            "bm25_rank": 1,
        },
        {
            **ROW,
            "query": "What is  Nought?",
            "positive_id": "p1",
            "negative_ids": ["p3", "p4"],
            "split": "train",
        },
        {"query": "and two?", "positive_id": "p2", "split": "dev"},
    ]
    pairs = read_pairs(write_jsonl(tmp_path / "pairs.jsonl", rows), POOL)
    (train,), (dev,) = pairs.questions["train"], pairs.questions["dev"]
    assert (
        train.id == "pair:1"
        and pairs.qrels == {"pair:1": {"p0": 1, "p1": 1}, "pair:3": {"p2": 1}}
        and pairs.named
    )
    assert train.metadata == {"difficulty": "hard", "negative_ids": ["p3", "p4"]} and dev.id == "pair:3"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"query": "q"}], r"pairs.jsonl:1: `positive_id` is missing"),
        ([{**ROW, "query": " "}], r"pairs.jsonl:1: `query` is empty"),
        (
            [ROW, {**ROW, "query": "other", "positive_id": "p9"}],
            r"pairs.jsonl:2: the passage 'p9' is not in the corpus",
        ),
        (
            [{**ROW, "negative_ids": ["p1", "p9"]}],
            r"pairs.jsonl:1: the passage 'p9' is not in the corpus.*train_corpus",
        ),
        ([{**ROW, "negative_ids": []}], r"pairs.jsonl:1: `negative_ids` must be .* not empty"),
        ([{**ROW, "negative_ids": "p1"}], r"pairs.jsonl:1: `negative_ids` must be a list"),
        (
            [{**ROW, "negative_ids": ["p0"]}],
            r"pairs.jsonl:1: the positive 'p0' is among its own `negative_ids`",
        ),
        ([{**ROW, "query": "Passage number 0"}], r"pairs.jsonl:1: the question equals the passage 'p0'"),
        ([ROW, ROW], r"pairs.jsonl:2: pairs 'what is nought\?' with 'p0' a second time"),
        ([{**ROW, "split": "test"}], r"pairs.jsonl:1: `split` is 'test'; use one of train, dev"),
        (
            [{**ROW, "split": "train"}, {"query": "q", "positive_id": "p1"}],
            r"pairs.jsonl:2: some lines name a `split`",
        ),
        ([{**ROW, "category": 3}], r"pairs.jsonl:1: `category` must be a string"),
        ([], r"pairs.jsonl: is empty"),
    ],
)
def test_bad_lines_are_named(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        read_pairs(write_jsonl(tmp_path / "pairs.jsonl", rows), POOL)
