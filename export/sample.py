"""Real texts for proofs and golden files: the recipe's own questions and passages, short and long."""

from __future__ import annotations

from pocketrag import beir
from pocketrag.prompts import Prompts
from pocketrag.recipe import Recipe


def spread(items: list, count: int) -> list:
    """Return `count` items evenly spread over the list, the first included (all, where there are fewer)."""
    if len(items) <= count:
        return list(items)
    return [items[i * len(items) // count] for i in range(count)]


def texts(recipe: Recipe, prompts: Prompts, count: int) -> list[str]:
    """Return about `count` distinct prompted texts: half questions, half passages and their beginnings of 1, 2, 4 … words."""
    questions = spread(beir.read_questions(recipe.data.queries), count // 2)
    passages = spread(beir.read_corpus(recipe.data.corpus), count - len(questions))
    chosen = [prompts.ask(q.text) for q in questions]
    for index, passage in enumerate(passages):
        words = passage.text.split(" ")
        text = passage.text if index % 2 else " ".join(words[: 2 ** (index // 2 % 8)])
        chosen.append(prompts.passage(passage.title, text))
    return list(dict.fromkeys(chosen))
