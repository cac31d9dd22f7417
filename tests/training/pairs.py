"""A tiny recipe with training pairs that mean another chunking than the corpus that ships."""

import json
from pathlib import Path

from tests.conftest import ACTS, PIECES, make_data, make_recipe, write_jsonl, write_qrels

PLACES = (
    "hall",
    "garden",
    "tower",
    "kitchen",
    "cellar",
    "bridge",
    "market",
    "harbour",
    "station",
    "forest",
    "chapel",
    "meadow",
    "school",
)


def words(n: int) -> str:
    """Four words that hardly another number has, so that nothing nearly repeats anything."""
    return f"{PIECES[n % 14]} {PLACES[n % 13]} {ACTS[n % 9]} {n * 7919 % 9973}"


def make_pairs(folder: Path, base: Path, passages: int = 80, train: str = "", data: str = "") -> Path:
    """Write corpus, 8 test questions, another chunking, and two pairs a chunk (every fifth chunk's in the split dev)."""
    make_data(folder, passages=8, asked=1)
    test = [{"_id": f"q{n}", "text": f"{words(900 + n)} tell us"} for n in range(8)]
    write_jsonl(folder / "queries.jsonl", test)
    write_qrels(folder / "qrels.tsv", [(f"q{n}", f"p{n:03}") for n in range(8)])
    chunks = [{"_id": f"c{n}", "title": "", "text": f"{words(n)} {words(n + 300)}",
               "metadata": {"source": f"book{n % 2}", "page": None, "parent_id": f"book{n % 2}-{n // 4}"}} for n in range(passages)]  # fmt: skip
    write_jsonl(folder / "chunks.jsonl", chunks)
    rows = [{"query": f"{['who', 'where'][k]} {words(n + 500 * k)} {['so', 'then'][k]}", "positive_id": f"c{n}",
             "negative_ids": [f"c{(n + 2) % passages}", f"c{(n + 7) % passages}"], "split": "train" if n % 5 else "dev",
             "category": f"book{n % 2}", "difficulty": ("easy", "hard")[k]} for n in range(passages) for k in (0, 1)]  # fmt: skip
    write_jsonl(folder / "pairs.jsonl", rows)
    recipe = make_recipe(folder, base, "lora")
    keys = f'train_pairs = "pairs.jsonl"\ntrain_corpus = "chunks.jsonl"\n{data}[model]'
    recipe.write_text(recipe.read_text().replace("[model]", keys).replace("[export]", f"{train}\n[export]"))
    return recipe


def read(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def change(file: Path, *more: dict, keep=lambda row: True) -> None:
    """Rewrite a JSONL file with fewer rows, and more."""
    write_jsonl(file, [*filter(keep, read(file)), *more])
