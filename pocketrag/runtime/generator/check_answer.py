"""Whether an answer may be shown: it cites passages that there are, and what it quotes stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .folded import folded
from .plain import line, plain
from .prompt import Passage

#: [1], [1, 3].
CITATION = re.compile("\\[ ?([0-9]{1,3}(?: ?[,;] ?[0-9]{1,3})*) ?\\]")
_NUMBER = re.compile("[0-9]+")
#: Between quotation marks of one kind; one that is never closed goes to the end. Behind a digit `"` is
#: inches, within a Hebrew word gershayim.
_QUOTE = re.compile(
    '(?<![0-9\u0590-\u05ff])"([^"]*)'
    "|[\u201c-\u201f]([^\u201c-\u201f]*)"
    "|\u00ab([^\u00bb]*)|\u00bb([^\u00ab]*)"
    "|\u2039([^\u203a]*)|\u203a([^\u2039]*)"
    "|\u300c([^\u300d]*)|\u300e([^\u300f]*)"
)
_CLOSING = frozenset('"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u300d\u300f')
#: What a quote leaves out.
_ELLIPSIS = re.compile("[\\[(]? ?(?:\\.\\.\\.|\u2026) ?[\\])]?")
#: Belongs to the sentence around, not to what is quoted.
_PUNCTUATION = " .,;:!?'\""


@dataclass(frozen=True)
class Checked:
    """What an answer says of itself."""

    citations: tuple[int, ...]
    """Numbers of passages, in the order in which they are named, each once."""
    quotes: tuple[str, ...]
    wrong: str | None
    """Why it must not be shown; None where it may."""


def checked(text: str, passages: Sequence[Passage]) -> Checked:
    """Check an answer against the passages of its prompt.

    Quotes are compared as `folded` has them, with the text as it stood in the prompt; of one with an
    ellipsis, the parts, in order.

    Args:
        text: what the model wrote.
        passages: (title, text), as they were numbered.

    """
    citations, quoted = _citations(text), tuple(_quotes(text))
    return Checked(citations, quoted, _wrong(text, citations, quoted, passages))


def refuses(text: str, refusal: str) -> bool:
    """Return whether an answer begins with the phrase by which the model says that it does not know."""
    said, phrase = (folded(one).strip(_PUNCTUATION) for one in (text, refusal))
    return bool(phrase) and said.startswith(phrase)


def stands(quote: str, passage: Passage) -> bool:
    """Return whether a quote stands in a passage's title or text, as they are in the prompt."""
    title, text = passage
    return any(_in_order(quote, folded(one)) for one in (line(title), plain(text)))


def _wrong(
    text: str, citations: tuple[int, ...], quoted: tuple[str, ...], passages: Sequence[Passage]
) -> str | None:
    if not text.strip():
        return "the model wrote nothing"
    if not citations:
        return "the answer names no passage"
    if missing := [n for n in citations if not 1 <= n <= len(passages)]:
        return f"the answer names passage {missing[0]}, and it was given {len(passages)}"
    named = [passages[n - 1] for n in citations]
    if strange := [quote for quote in quoted if not any(stands(quote, one) for one in named)]:
        return f'the answer quotes "{_short(strange[0])}", which does not stand in the passages that it names'
    return None


def _in_order(quote: str, text: str) -> bool:
    at = 0
    for part in _ELLIPSIS.split(folded(quote)):
        wanted = part.strip(_PUNCTUATION)
        at = text.find(wanted, at)
        if at < 0:
            return False
        at += len(wanted)
    return True


def _citations(text: str) -> tuple[int, ...]:
    found = (int(number) for one in CITATION.findall(text) for number in _NUMBER.findall(one))
    return tuple(dict.fromkeys(found))


def _quotes(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while match := _QUOTE.search(text, at):
        at = match.end()
        # The closing mark would open the next quote.
        at += at < len(text) and text[at] in _CLOSING
        quote = next(one for one in match.groups() if one is not None)
        if quote.strip(_PUNCTUATION):
            found.append(quote)
    return found


def _short(quote: str) -> str:
    return quote if len(quote) <= 60 else f"{quote[:59]}…"
