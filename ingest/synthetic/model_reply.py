"""What a model wrote -> the questions in it, however it dressed them up."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from pocketrag.formats.data.text_checks import UNFIT

#: What models put around lists of questions in JSON.
KEYS = ("question", "query", "text", "q", "content")
#: Of a model that thinks aloud; without an end it broke off in mid-thought.
THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"^\s*```[\w-]*\s*$", re.MULTILINE)
LABEL = r"(?:questions?|frage|fragen|pregunta|domanda|pergunta|vraag|query|q)"
#: Bullets, numbers and labels before a question; several may follow each other (`1. **Q:**`).
BEFORE = re.compile(
    rf"^\s*(?:[-*+•–—·>#]+\s+|\(?\d{{1,3}}[.):\]]+(?!\d)\s*|{LABEL}\s*(?:n[o°]\.?\s*)?\d{{0,3}}\s*[:.)]\s*|\*\*|__)+",
    re.IGNORECASE,
)
#: The answer that a model adds behind its question.
ANSWER = re.compile(
    r"(?<=[?？؟])[\s*_\"”»)]*[(\[]?\s*(?:answers?|antwort|réponse|respuesta|risposta|resposta|antwoord|a)\s*[:.].*$",
    re.IGNORECASE,
)
#: Several numbered questions on one line.
NEXT = re.compile(r"(?<=[?？؟])\s+(?=\(?\d{1,3}[.)]\s)")
QUOTES = (
    ('"', '"'),
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
    ("»", "«"),
    ("「", "」"),
    ("'", "'"),
    ("‘", "’"),
    ("`", "`"),
)
#: Characters without a width, and directions; Zl and Zp are white space to `split`.
UNSEEN = ("Cc", "Cf")


def questions_in(reply: str) -> list[str]:
    r"""Return the lines of a reply that may be questions, without numbers, bullets, labels and quotes.

    Lists, JSON, JSON lines and code fences are opened, thoughts aloud and answers left out. Nothing is
    judged: a preamble is a line as well.

    >>> questions_in('Here you are:\n1. "Who stops the clock?"\n- **Q2:** Why? A: because.')
    ['Here you are:', 'Who stops the clock?', 'Why?']
    """
    text = FENCE.sub("", THOUGHT.sub("", UNFIT.sub("\ufffd", reply))).strip()
    found = _json(text)
    lines = found if found is not None else _lines(text)
    return [line for one in lines if (line := _bare(one))]


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        inner = _json(line.strip().rstrip(","))
        for part in [line] if inner is None else inner:
            yield from NEXT.split(part)


def _json(text: str) -> list[str] | None:
    """Return the strings of a JSON list or object; None where the text is none."""
    if text[:1] not in ("[", "{"):
        return None
    try:
        return list(_strings(json.loads(text)))
    except (ValueError, RecursionError):
        return None


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        named = [value[key] for key in KEYS if key in value]
        # Of `{"questions": [...]}` and `{"1": "...", "2": "..."}` all values.
        yield from _strings(named[0] if named else list(value.values()))


def _bare(line: str) -> str:
    text = "".join(
        " " if c in "\t\n\r" else c for c in line if c in "\t\n\r" or unicodedata.category(c) not in UNSEEN
    )
    text = ANSWER.sub("", BEFORE.sub("", " ".join(unicodedata.normalize("NFC", text).split())))
    before = None
    while before != text:
        before = text
        text = _unquoted(text.strip().strip("*_").rstrip(",").strip())
    return text


def _unquoted(text: str) -> str:
    for opening, closing in QUOTES:
        inner = text[1:-1]
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing) and opening not in inner:
            return inner
    return text
