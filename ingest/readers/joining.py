"""Line ends within a run of a script without spaces: a word goes on behind them.

Korean has spaces between its words, so a line end is one.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pocketrag.runtime.folding import HAN, THAI

#: Signs of East Asian texts, which have no space beside them: 、。「」, full-width forms.
SIGNS = "\u3001-\u3004\u3008-\u3011\u3014-\u301f\uff01-\uff60"
UNSPACED = f"[{HAN}{THAI}{SIGNS}]"
#: What stands between the letters and the line's end: emphasis of Markdown.
MARKS = r"(?:[*_]{0,3})"
#: A line end between two of them; behind it may stand the signs of a quotation.
WITHIN = re.compile(rf"(?<={UNSPACED})({MARKS})[ \t]*\n[ \t>]*({MARKS})(?={UNSPACED})")
#: A line of so many letters may be full; one is if it is as long as the longest but for what a word or a sign
#: takes that may not stand at its end or at the next one's beginning.
FEWEST, SLACK, THAI_SLACK = 10, 2, 12
STOP = re.compile(r"[。！？!?.:：;；」』）]\s*\Z")


def within(text: str) -> str:
    """Return the text without the line ends that stand within a run of a script without spaces."""
    return WITHIN.sub(r"\1\2", text)


def unwrapped(text: str) -> str:
    """Return a plain text without the line ends at which its program broke full lines of such scripts.

    A short line, or one that ends a sentence, keeps its end: it may be a title or an item.
    """
    lines = text.split("\n")
    longest = max(map(len, lines))
    kept = lines[:1]
    for line, after in pairwise(lines):
        if _full(line.strip(), longest) and _runs_on(line, after):
            kept[-1] = kept[-1].rstrip() + after.lstrip()
        else:
            kept.append(after)
    return "\n".join(kept)


def _runs_on(line: str, after: str) -> bool:
    return WITHIN.search(f"{line.rstrip()[-1:]}\n{after.lstrip()[:1]}") is not None


def _full(line: str, longest: int) -> bool:
    slack = THAI_SLACK if re.search(f"[{THAI}]\\Z", line) else SLACK
    return len(line) >= max(FEWEST, longest - slack) and not STOP.search(line)
