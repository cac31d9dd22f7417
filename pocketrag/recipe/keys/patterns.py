"""What a pattern asks for, in words: nobody reads a regular expression in a message."""

from __future__ import annotations

from pocketrag.formats.facts.npu import SOC
from pocketrag.formats.facts.tiers import MODEL, URL
from pocketrag.formats.identity import NAME, VERSION

#: Pattern -> what fits it.
WORDS = {
    NAME: "lower-case letters, digits, - and _, at most 63, and a letter or digit first, such as my-manual",
    VERSION: "numbers with dots, such as 1.2.0 or 1.2.0-rc1",
    SOC: "Qualcomm's name of a system on a chip, such as SM8750",
    URL: "an https address",
    MODEL: "the name that the server gives its model",
}


def in_words(pattern: str) -> str:
    """Return what fits a pattern; one without words is given as it is."""
    return WORDS.get(pattern, f"text that fits {pattern}")
