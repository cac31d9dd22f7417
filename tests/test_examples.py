"""The sample data: read strictly, as many rows as their READMEs say."""

import re

import pytest

from pocketrag.formats.data import beir
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_rows_are_as_many_as_the_readme_says(name):
    folder = EXAMPLES / name
    said = {
        file: int(rows)
        for file, rows in re.findall(
            r"^\| `(\S+)` \| (\d+) \|", (folder / "README.md").read_text(), re.MULTILINE
        )
    }
    passages, questions, qrels = beir.read_judged(
        folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    )
    found = {
        "corpus.jsonl": len(passages),
        "queries.jsonl": len(questions),
        "qrels.tsv": sum(map(len, qrels.values())),
    }
    if (folder / "unanswerable.jsonl").exists():
        found["unanswerable.jsonl"] = len(beir.read_unjudged(folder / "unanswerable.jsonl"))
    assert said == found and set(qrels) == {q.id for q in questions}


def test_the_other_world_is_another_one():
    texts = (EXAMPLES / "outside" / "corpus.jsonl").read_text() + (
        EXAMPLES / "outside" / "queries.jsonl"
    ).read_text()
    assert not re.search(r"chess|échecs|arbit|tournoi|tournament", texts, re.IGNORECASE)
