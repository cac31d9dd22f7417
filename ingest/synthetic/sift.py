"""Is a line that a model wrote a question that somebody could ask? Each reason against it has a name."""

from __future__ import annotations

import re
from collections.abc import Callable

from pocketrag.formats.data.beir import Passage
from pocketrag.formats.data.near_duplicates import grams, plain

from .tongue import is_foreign
from .wording import is_asked, is_refusal, of_text

REFUSAL = "a refusal"
NO_QUESTION = "not a question"
SHORT, LONG = "too short", "too long"
ABOUT_TEXT = "speaks of the text it was made from"
TITLE = "is the title"
COPY = "copies the passage"
FOREIGN = "in another language"

#: People's longest question of 1 137 (the two corpora in examples/) has 38 words and 206 characters.
MOST_WORDS, MOST_LETTERS = 50, 300
#: Shorter asks for nothing in particular; of scripts without spaces letters count.
FEWEST_WORDS, FEWEST_LETTERS = 3, 4
#: Share of a question's 5-grams that its passage may hold. People's 1 137 questions stand at .80 and below.
COPIED = 0.9


def against(question: str, passage: Passage, language: str | None) -> str | None:
    """Return why a line is no question to keep; None where nothing speaks against it.

    Args:
        question: as `questions_in` gives it.
        passage: what the model was shown.
        language: of the passages (ISO 639-1), where it is known.

    """
    return next((reason for reason, speaks in REASONS if speaks(question, passage, language)), None)


def _no_question(question: str, *_: object) -> bool:
    return not is_asked(question)


def _refusal(question: str, *_: object) -> bool:
    return not is_asked(question) and is_refusal(question)


def _short(question: str, *_: object) -> bool:
    letters = sum(c.isalnum() for c in question)
    spaced = all(ord(c) < 0x0E00 for c in question if c.isalpha())
    return letters < FEWEST_LETTERS or (spaced and len(question.split()) < FEWEST_WORDS)


def _long(question: str, *_: object) -> bool:
    return len(question) > MOST_LETTERS or len(question.split()) > MOST_WORDS


def _about_text(question: str, passage: Passage, _: str | None) -> bool:
    # Unless the passage speaks so itself: the corpus may be about texts.
    text = plain(passage.text)
    return any(plain(words) not in text for words in of_text(question))


def _title(question: str, passage: Passage, _: str | None) -> bool:
    titles = {passage.title, *passage.title.split(" > ")}
    return _words(question) in {_words(title) for title in titles if title}


def _copy(question: str, passage: Passage, _: str | None) -> bool:
    own = grams(question)
    return len(own & grams(f"{passage.title} {passage.text}")) >= COPIED * len(own)


def _foreign(question: str, passage: Passage, language: str | None) -> bool:
    return is_foreign(question, f"{passage.title} {passage.text}", language)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))


#: Reason -> whether it holds, in the order in which they are asked: the first that does is counted.
REASONS: tuple[tuple[str, Callable[[str, Passage, str | None], bool]], ...] = (
    (REFUSAL, _refusal),
    (TITLE, _title),
    (NO_QUESTION, _no_question),
    (SHORT, _short),
    (LONG, _long),
    (ABOUT_TEXT, _about_text),
    (COPY, _copy),
    (FOREIGN, _foreign),
)
