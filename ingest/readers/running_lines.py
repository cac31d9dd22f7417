"""Running heads and feet: lines at the edge of a page that stand there on other pages, too."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

#: A head or foot has at most so many lines: a title, an edition, a page's number.
MOST_LINES = 3
#: On fewer pages a line that comes back may be text.
FEWEST_PAGES = 3
#: A head stands apart from the text by more than the usual step from line to line. Text is set at 1 to 1.4.
APART = 1.5
#: Points by which the height of one line's letters differs: "p" begins lower than "x".
SAME_ROW = 3.0


@dataclass(frozen=True)
class Line:
    """A line of a page."""

    text: str
    y: float
    """Lower edge of its first letter, in points from the lower edge of the page."""


Page = list[Line]


def without_running_lines(pages: list[Page]) -> list[str]:
    """Return the pages' texts without heads and feet.

    A block at the top or bottom that stands apart goes if each of its lines stands in such a block on at
    least three pages, digits aside: page numbers differ.
    """
    rows = [_rows(page) for page in pages]
    wide = APART * _usual_step(rows)
    edges = [[*_block(page, wide), *_block(page[::-1], wide)] for page in rows]
    counts = Counter(key for edge in edges for key in {_key(line) for block in edge for line in block})
    texts = []
    for page, edge in zip(pages, edges, strict=True):
        running = [block for block in edge if all(counts[_key(line)] >= FEWEST_PAGES for line in block)]
        gone = {id(line) for block in running for line in block}
        texts.append("\n".join(line.text for line in page if id(line) not in gone))
    return texts


def _rows(page: Page) -> list[list[Line]]:
    """Return the lines by height, from the top; columns and halves of a head share a row."""
    rows: list[list[Line]] = []
    for line in sorted((line for line in page if line.text.strip()), key=lambda line: -line.y):
        if rows and rows[-1][0].y - line.y <= SAME_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _usual_step(pages: list[list[list[Line]]]) -> float:
    """Return the step from line to line of running text, in points: the lower quartile of all steps."""
    steps = sorted(step for rows in pages for step in _steps(rows))
    return steps[len(steps) // 4] if steps else 0.0


def _steps(rows: list[list[Line]]) -> list[float]:
    return [abs(one[0].y - other[0].y) for one, other in pairwise(rows)]


def _block(rows: list[list[Line]], wide: float) -> list[list[Line]]:
    """Return the lines before the first wide gap as one block, if they are few and others follow."""
    end = next((n for n, step in enumerate(_steps(rows), 1) if step > wide), 0)
    return [[line for row in rows[:end] for line in row]] if 0 < end <= MOST_LINES else []


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.split()))
