"""Running heads and feet: lines at the edge of a page that stand there on other pages, too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

#: A head or foot has at most so many rows: a title and a page's number, say.
MOST_ROWS = 2
#: On fewer pages a line that comes back may be text.
FEWEST_PAGES = 3
#: A head may stand apart from the text by more than the usual step from line to line, which is 1 to 1.4 times
#: the size of its letters.
APART = 1.5
#: Points by which the height of one line's letters differs: "p" begins lower than "x".
SAME_ROW = 3.0
NUMBER = re.compile(r"\d+")
#: A page's number and nothing else: `- 3 -`, `3/12`, `Page 3 of 12`.
PAGE_NUMBER = re.compile(
    r"[\W\d_]*(?:page|pg?|seite|s|página|pág|pagina|pag|side?a?|sivu|strona|strana|str|oldal|sayfa|страница|стр"
    r"|сторінка|halaman|trang|ページ|頁|页|第)?[\W\d_]*(?:(?:of|von|de|sur|di|van|av|z|из|з|od)[\W\d_]+)?"
    r"(?:ページ|頁|页)?[\W_]*",
    re.IGNORECASE,
)
#: What a sentence ends with, or its first half.
SENTENCE = re.compile(r"[.!?;:,。！？；：，…][\"'”’»)\]]*\Z")


@dataclass(frozen=True)
class Line:
    """A line of a page."""

    text: str
    y: float
    """Lower edge of its first letter, in points from the lower edge of the page."""
    end: float | None = None
    """The same of its last letter, where words cut at a line's end make one line of two; None: as `y`."""


Page = list[Line]
Row = list[Line]


def without_running_lines(pages: list[Page]) -> list[str]:
    """Return the pages' texts without heads and feet; what could be text as well stays.

    The first and the last row of a page go where the same row is first or last on at least three pages, a
    page's number in it aside, and it is no sentence, nor goes on in its neighbour. One that stands apart from
    the text may be a sentence. The row behind goes with it if it is a page's number, or if both stand apart.
    """
    rows = [_rows(page) for page in pages]
    wide = APART * _usual_step(rows)
    counts = _counts(rows)
    texts = []
    for number, (page, found) in enumerate(zip(pages, rows, strict=True)):
        gone = {
            id(line)
            for edge in (found, found[::-1])
            for row in _running(edge, number, counts, wide, at_foot=edge is not found)
            for line in row
        }
        texts.append("\n".join(line.text for line in page if id(line) not in gone))
    return texts


def _counts(pages: list[list[Row]]) -> Counter[tuple[str, int | None]]:
    """Count on how many pages each key stands at an edge; of equal pages, and of those without text, none."""
    seen, counts = set[tuple[str, ...]](), Counter[tuple[str, int | None]]()
    for number, rows in enumerate(pages):
        page = tuple(_text(row) for row in rows)
        if page not in seen and len(page) > MOST_ROWS:
            for edge in (page[:MOST_ROWS], page[-MOST_ROWS:]):
                counts.update({key for text in edge for key in _keys(text, number)})
        seen.add(page)
    return counts


def _keys(text: str, number: int) -> Iterator[tuple[str, int | None]]:
    """Yield the text; and with a mark for what may be the page's number, and what it is ahead of `number`."""
    yield text, None
    for match in NUMBER.finditer(text):
        rest = text[: match.start()], text[match.end() :]
        at_end = not (rest[0].strip() and rest[1].strip()) and len(" ".join(rest).split()) > 1
        if at_end or PAGE_NUMBER.fullmatch(text):
            yield "\0".join(rest), int(match[0]) - number


def _running(
    edge: list[Row], number: int, counts: Counter[tuple[str, int | None]], wide: float, at_foot: bool
) -> list[Row]:
    """Return the rows of the head or foot at the beginning of `edge`, outermost first."""
    found = []
    for row in edge[:MOST_ROWS]:
        if all(counts[key] < FEWEST_PAGES for key in _keys(_text(row), number)):
            break
        found.append(row)
    apart = next((n for n, step in enumerate(_steps(edge[: MOST_ROWS + 1]), 1) if step > wide), 0)
    if 0 < apart <= len(found):
        return found[:apart]
    if len(found) == MOST_ROWS and not PAGE_NUMBER.fullmatch(_text(found[-1])):
        found.pop()
    while found and _is_text(
        _text(found[-1]), _text(edge[len(found)]) if edge[len(found) :] else "", at_foot
    ):
        found.pop()
    return found


def _is_text(text: str, inner: str, at_foot: bool) -> bool:
    """Tell whether a row is a sentence, or one with its neighbour in the text."""
    if PAGE_NUMBER.fullmatch(text):
        return False
    if SENTENCE.search(text):
        return True
    return (not SENTENCE.search(inner) and text[:1].islower()) if at_foot else inner[:1].islower()


def _rows(page: Page) -> list[Row]:
    """Return the lines by height, from the top; columns and halves of a head share a row."""
    rows: list[Row] = []
    for line in sorted((line for line in page if line.text.strip()), key=lambda line: -line.y):
        if rows and rows[-1][0].y - line.y <= SAME_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _usual_step(pages: list[list[Row]]) -> float:
    """Return the step from line to line of running text, in points: the lower quartile of all steps."""
    steps = sorted(step for rows in pages for step in _steps(rows))
    return steps[len(steps) // 4] if steps else 0.0


def _steps(rows: list[Row]) -> list[float]:
    return [_step(*sorted(pair, key=lambda row: -row[0].y)) for pair in pairwise(rows)]


def _step(upper: Row, lower: Row) -> float:
    return min(line.y if line.end is None else line.end for line in upper) - lower[0].y


def _text(row: Row) -> str:
    return " ".join(" ".join(line.text for line in row).split())
