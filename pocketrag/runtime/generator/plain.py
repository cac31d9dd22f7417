r"""Passages and questions as text that can neither close a chat template nor look like a part of the prompt.

`Plain.kt` does the same for the app, byte for byte. The classes of characters are written out, since Python
and Java mean different ones by `\s`, and the phone has a Unicode of its own.
"""

from __future__ import annotations

import re

from pocketrag.formats.data.text_checks import UNFIT

#: White space, and what of it breaks a line.
SPACE = "[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_BREAK = "[\n-\r\x1c-\x1e\x85\u2028\u2029]"
#: Each at the beginning of its run, so that a long run is looked at once.
SPACES = re.compile(f"{SPACE}+")
_BREAKS = re.compile(f"(?<!{SPACE}){SPACE}*{_BREAK}")
#: What no reader sees, and some tokenizers drop before they look for markers.
_UNSEEN = "[\x01-\x08\x0e-\x1b\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*"
_END = "(?![\\s\\S])"
#: Where a marker of a chat template could begin: <|im_end|>, <start_of_turn>, </s>, <<SYS>>, [INST], [/INST];
#: at the end of a text too, since another text may follow. The wide forms are those that NFKC makes of these.
#: And at the beginning of a line the number of a passage.
_OPENING = re.compile(
    f"[<\uff1c\ufe64](?={_UNSEEN}(?:[<\uff1c\ufe64|\uff5c/_A-Za-z]|{_END}))"
    f"|[\\[\uff3b](?={_UNSEEN}/?{_UNSEEN}(?:[A-Z_]{_UNSEEN}[A-Z_]|[A-Z_]?{_UNSEEN}{_END}))"
    f"|(?<![^\n]){_UNSEEN}[\\[\uff3b](?={_UNSEEN}[0-9])"
)


def plain(text: str) -> str:
    """Return a passage's text as it stands in a prompt.

    A run of line breaks is one, so that an empty line is always the prompt's own; a space follows what could
    begin a marker (`< |im_end|>`, `[ INST]`) or a passage's number; NUL and lone surrogates are U+FFFD.
    """
    broken = _BREAKS.sub("\n", UNFIT.sub("\ufffd", text))
    return _OPENING.sub(r"\g<0> ", _stripped(broken))


def line(text: str) -> str:
    """Return a title or a question as it stands in a prompt: as `plain` does, on one line."""
    return _OPENING.sub(r"\g<0> ", _stripped(SPACES.sub(" ", UNFIT.sub("\ufffd", text))))


def _stripped(text: str) -> str:
    return _EDGES.sub("", text)


_EDGES = re.compile(f"^{SPACE}+|(?<!{SPACE}){SPACE}+{_END}")
