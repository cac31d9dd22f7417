"""How a quote and its passage are compared: the same words in the same order. `Folded.kt` is equal."""

from __future__ import annotations

import re
import unicodedata

from .plain import SPACES

#: What no reader sees: soft hyphen, zero-width spaces, marks of direction, byte order mark.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
#: Written in several ways: apostrophes, quotation marks, hyphens and dashes, and the sigma that ends a word,
#: whose small letter depends on what follows.
_ALIKE = (
    (re.compile("[\u2018-\u201b\u2039\u203a\u02bc\u2032\u0060\u00b4]"), "'"),
    (re.compile("[\u201c-\u201f\u00ab\u00bb\u2033\u300c-\u300f]"), '"'),
    (re.compile("\u03c2"), "\u03c3"),
    (re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"), "-"),
)
#: Spaces that `plain` puts behind what could be a marker, and people around punctuation.
_INNER = re.compile("(?<=[<\\[(]) | (?=[>\\]).,;:!?])")
#: Between words, for counting them.
_APART = re.compile(
    "[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\xa9\\xab-\\xb4\\xb6-\\xb9\\xbb-\\xbf\\xd7\\xf7"
    "\u2000-\u206f\u3000-\u3003\u3008-\u3020\u30fb\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)


def folded(text: str) -> str:
    """Return a text in NFKC and small letters, with one kind of space, quotation mark and hyphen."""
    plainer = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).lower()
    for way, one in _ALIKE:
        plainer = way.sub(one, plainer)
    return _INNER.sub("", SPACES.sub(" ", plainer).strip(" "))


def words(text: str) -> list[str]:
    """Return the words of a text, folded, in order: what stands between white space and punctuation."""
    return [word for word in _APART.split(folded(text)) if word]
