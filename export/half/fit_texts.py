"""The texts that tell how large an encoder's activations become, and others that check it."""

from __future__ import annotations

from itertools import chain, zip_longest

from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize, fit
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

from ..sample_texts import SCRIPTS, WORDS, cut

#: Texts that calibrate: beginnings of passages as questions, and passages. Together always over 300.
QUESTIONS, PASSAGES = 256, 64
#: A passage's tokens; the largest activations are those of a text's first tokens.
TOKENS = 256
#: Texts that check, beside `SCRIPTS`.
CHECKS = 26


def calibrating(recipe: Recipe, prompts: Prompts, tokenize: Tokenize, longest: int) -> list[list[int]]:
    """Return the token ids of the texts that calibrate, all of the recipe's own passages.

    Where there are too few passages, pieces of them make up for it, of 1 token to the longest.
    """
    passages, longest = recipe.data.passages(), min(longest, TOKENS)
    asked = [prompts.ask(" ".join(p.text.split()[:WORDS])) for p in spread(passages, QUESTIONS)]
    whole = [prompts.passage(p.title, p.text) for p in spread(passages, PASSAGES)]
    rows = [tokenize(text) for text in dict.fromkeys([*asked, *whole])]
    lacking = QUESTIONS + PASSAGES - len(rows)
    pieces = cut(rows, tokenize(""), _counts(lacking, longest)) if lacking else []
    return [fit(row, longest) for row in rows] + pieces


def checking(recipe: Recipe, prompts: Prompts, tokenize: Tokenize, longest: int) -> list[list[int]]:
    """Return the token ids of texts that calibrate nothing, of 1 token to the longest.

    Samples of many languages and scripts, and pieces of them and of the recipe's questions.
    """
    asked = [q.text for q in recipe.data.questions()] if recipe.data.has_questions else []
    scripts = [tokenize(prompts.ask(text)) for text in SCRIPTS]
    others = [tokenize(prompts.ask(text)) for text in spread(asked, len(SCRIPTS))]
    mixed = list(chain.from_iterable(zip_longest(scripts, others, fillvalue=[])))
    pieces = cut(mixed, tokenize(""), _counts(CHECKS, longest))
    return [fit(row, longest) for row in scripts] + pieces


def _counts(count: int, longest: int) -> list[int]:
    return [1 + i * (longest - 1) // max(1, count - 1) for i in range(count)]
