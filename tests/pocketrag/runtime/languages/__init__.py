"""Invented question sets in eleven languages, and what BM25 finds of them."""

import json
from pathlib import Path

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.full_text import full_text

SETS = json.loads((Path(__file__).parent / "sets.json").read_text("utf-8"))


def of(language):
    """Return a language's passages and questions; the n-th passage answers the n-th question."""
    one = SETS[language]
    places = one["places"].split(",")
    things = [(thing.split("|") * 2)[:2] for thing in one["things"].split(",")]
    passages = [
        Passage(f"p{n:02}", "", one["passage"].replace("{p}", places[n % 3]).replace("{n}", str(n % 7 + 2)).replace("{}", thing))
        for n, (thing, _) in enumerate(things)
    ]  # fmt: skip
    return passages, [
        Question(f"q{n:02}", one["question"].replace("{}", asked)) for n, (_, asked) in enumerate(things)
    ]


def measure(language):
    """Return how many questions there are, how many have their passage first, and how many find none at all."""
    passages, questions = of(language)
    run = full_text(passages, questions)
    first = sum(bool(run[q.id]) and run[q.id][0][0] == p.id for q, p in zip(questions, passages, strict=True))
    return len(questions), first, sum(not run[q.id] for q in questions)
