"""Which texts the teacher embeds as if each were a question: never what chooses or measures anything."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, normalized
from pocketrag.formats.data.near_duplicates import SAME_QUESTION, Near, plain
from pocketrag.formats.data.negations import read_negations
from pocketrag.formats.split import Split
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.students import Teacher
from pocketrag.reference.common_words import common_words
from pocketrag.reference.float_vectors import agreement_questions
from pocketrag.reference.held_questions import held_questions
from pocketrag.reference.stand_ins import SENTENCE
from pocketrag.sampling import spread

#: Characters of a sentence that may pass for a question: below are heads and crumbs, above are tables.
SHORTEST, LONGEST = 12, 240
#: Words of a random span; questions have about as many.
SPAN = (4, 16)
SEED = 17
#: Fewer teach nothing that full text does not know: 500 texts gave a dense nDCG@10 of .19 and 4 000 of .47 at
#: one setting (French, 80 questions).
FEWEST, ADVISED = 500, 4000


class Text(NamedTuple):
    """A text and what it is."""

    kind: str
    """question, title, sentence, span or word."""
    text: str


def texts_of(recipe: Recipe, split: Split) -> list[Text]:
    """Return distinct texts, questions first; none equals, nearly equals or quotes a question that measures.

    Raises:
        InputError: there are fewer than `FEWEST`, or a language has no list of words.

    """
    found = _apart(_distinct(_offered(recipe, split)), measuring(recipe, split))
    if len(found) < FEWEST:
        raise InputError(
            f"[students]: {len(found)} texts to learn from (questions that measure nothing, titles and "
            f"sentences of the passages, common words); {FEWEST} are needed, and {ADVISED:,} do well. "
            f"Name more questions as `data.unjudged`, or raise `teacher.sentences`, `teacher.spans` and "
            "`teacher.words`."
        )
    return found


def measuring(recipe: Recipe, split: Split) -> list[str]:
    """Return all questions that choose or measure something: no student learns from them or their like."""
    data = recipe.data
    asked = [q.text for q in (*split.dev, *split.test)]
    compared = agreement_questions(recipe) if data.has_questions else []
    asked += [compared[number] for number in held_questions(recipe, split)]
    asked += beir.read_unanswerable(data.unanswerable) if data.unanswerable else []
    asked += [q.text for q in beir.read_questions(data.guard_queries)] if data.guard_queries else []
    asked += [text for pair in read_negations(data.negations) for text in pair] if data.negations else []
    return list(dict.fromkeys(asked))


def sentences(passages: Iterable[Passage]) -> list[str]:
    """Return the distinct sentences of passages that are about as long as a question."""
    found = (part.strip() for p in passages for part in SENTENCE.split(p.text))
    return list(dict.fromkeys(text for text in found if SHORTEST <= len(text) <= LONGEST))


def spans(passages: list[Passage], count: int) -> list[str]:
    """Return `count` random runs of `SPAN` words of the passages, the same every time."""
    chance, split = random.Random(SEED), [words for p in passages if (words := p.text.split())]  # noqa: S311
    found = []
    for _ in range(count if split else 0):
        words, length = chance.choice(split), chance.randint(*SPAN)
        start = chance.randrange(max(1, len(words) - length + 1))
        found.append(" ".join(words[start : start + length]))
    return found


def _offered(recipe: Recipe, split: Split) -> Iterator[Text]:
    settings, passages = recipe.teacher, split.passages
    unjudged = beir.read_unjudged(recipe.data.unjudged) if recipe.data.unjudged else []
    questions = [*(q.text for q in split.train), *unjudged]
    yield from (Text("question", text) for text in questions)
    yield from (Text("title", text) for text in dict.fromkeys(p.title for p in passages) if text)
    yield from (Text("sentence", text) for text in spread(sentences(passages), settings.sentences))
    yield from (Text("span", text) for text in spans(passages, settings.spans))
    yield from (Text("word", text) for text in _words(settings, recipe.search.language))


def _words(settings: Teacher, language: str | None) -> Iterator[str]:
    for name in settings.languages or ((language,) if language else ()):
        words = common_words(name, settings.words)
        if not words and name in settings.languages:
            raise InputError(
                f"`teacher.languages`: wordfreq has no list of words for {name!r}; leave it out."
            )
        yield from words


def _distinct(offered: Iterable[Text]) -> list[Text]:
    first: dict[str, Text] = {}
    for one in offered:
        if key := normalized(one.text):
            first.setdefault(key, one)
    return list(first.values())


def _apart(found: list[Text], held: list[str]) -> list[Text]:
    if not held:
        return found
    same, near = {plain(text) for text in held}, Near(held)
    quoted = [text for text in same if len(text) >= SHORTEST]
    return [
        one
        for one, text in ((one, plain(one.text)) for one in found)
        if text not in same
        and not any(question in text for question in quoted)
        and near.resemblances(one.text).max() < SAME_QUESTION
    ]
