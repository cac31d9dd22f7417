"""The numbers that Word writes before paragraphs; they stand nowhere in the file (ECMA-376, part 1, 17.9)."""

from __future__ import annotations

import re
from typing import Any

from ..counting import counted
from .word_names import WORD, number, switch, val
from .word_styles import Styles

LEVELS = 9
#: A level's number in a label: `%1.%2`.
PLACE = re.compile(r"%([1-9])")


class Numbers:
    """Counts through a text, paragraph by paragraph."""

    def __init__(self, root: Any, styles: Styles) -> None:  # noqa: ANN401 - lxml has no types
        """Take the root of `word/numbering.xml`, None where the file has no lists."""
        self._styles = styles
        self._lists = _by_id(root, "num", "numId")
        self._abstract = _by_id(root, "abstractNum", "abstractNumId")
        self._counts: dict[str, list[int | None]] = {}
        self._begun = set[tuple[str, int]]()

    def place(self, paragraph: Any) -> tuple[str, int] | None:  # noqa: ANN401 - lxml has no types
        """Return the list that a paragraph belongs to and its level, from 0; None where it is in none."""
        list_, level = self._styles.numbering(paragraph)
        if list_ is None or self._definition(list_) is None:
            return None
        if val(paragraph, "pPr/numPr/ilvl") is None:
            linked = self._linked(list_, {s.get(f"{WORD}styleId") for s in self._chain(paragraph)})
            level = linked if linked is not None else level
        return list_, min(max(level or 0, 0), LEVELS - 1)

    def label(self, list_: str, level: int) -> str | None:
        """Count one paragraph on and return what stands before it, None where that is a bullet."""
        found = self._level(list_, level)
        if found is None:
            return ""
        counts = self._counts.setdefault(self._key(list_), [None] * LEVELS)
        counts[level] = self._next(list_, level, counts[level])
        for deeper in range(level + 1, LEVELS):
            again = number(self._level(list_, deeper), "lvlRestart")
            if again is None or 0 < again <= level + 1:
                counts[deeper] = None
        text = val(found, "lvlText")
        if val(found, "numFmt") == "bullet":
            return None
        return PLACE.sub(
            lambda match: self._shown(list_, int(match[1]) - 1, counts, switch(found, "isLgl") or False),
            f"%{level + 1}." if text is None else text,
        ).strip()

    def _chain(self, paragraph: Any) -> list[Any]:  # noqa: ANN401 - lxml has no types
        return list(self._styles.chain(val(paragraph, "pPr/pStyle")))

    def _shown(self, list_: str, level: int, counts: list[int | None], plain: bool) -> str:
        count = counts[level]
        found = self._level(list_, level)
        return counted(
            self._start(list_, level) if count is None else count,
            "decimal" if plain else val(found, "numFmt") or "decimal",
        )

    def _next(self, list_: str, level: int, count: int | None) -> int:
        # Lists with one definition count on, each its own way only where it says where to start.
        override = number(self._override(list_, level), "startOverride")
        if override is not None and (list_, level) not in self._begun:
            self._begun.add((list_, level))
            return override
        return self._start(list_, level) if count is None else count + 1

    def _start(self, list_: str, level: int) -> int:
        start = number(self._level(list_, level), "start")
        return 1 if start is None else start

    def _key(self, list_: str) -> str:
        definition = self._definition(list_)
        return "" if definition is None else str(definition.get(f"{WORD}abstractNumId"))

    def _definition(self, list_: str, seen: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - lxml has no types
        found = self._abstract.get(val(self._lists.get(list_), "abstractNumId") or "")
        link = val(found, "numStyleLink")
        if link is None or list_ in seen:
            return found
        other = next((val(style, "pPr/numPr/numId") for style in self._styles.chain(link)), None)
        return found if other is None else self._definition(other, (*seen, list_))

    def _override(self, list_: str, level: int) -> Any:  # noqa: ANN401 - lxml has no types
        found = self._lists.get(list_)
        return _at_level(found, "lvlOverride", level)

    def _level(self, list_: str, level: int) -> Any:  # noqa: ANN401 - lxml has no types
        override = self._override(list_, level)
        own = None if override is None else override.find(f"{WORD}lvl")
        return _at_level(self._definition(list_), "lvl", level) if own is None else own

    def _linked(self, list_: str, styles: set[str]) -> int | None:
        definition = self._definition(list_)
        return next(
            (
                int(level.get(f"{WORD}ilvl", "0"))
                for level in definition.findall(f"{WORD}lvl")
                if val(level, "pStyle") in styles
            ),
            None,
        )


def _by_id(root: Any, name: str, key: str) -> dict[str, Any]:  # noqa: ANN401 - lxml has no types
    found = [] if root is None else root.findall(f"{WORD}{name}")
    return {one.get(f"{WORD}{key}"): one for one in found}


def _at_level(element: Any, name: str, level: int) -> Any:  # noqa: ANN401 - lxml has no types
    found = [] if element is None else element.findall(f"{WORD}{name}")
    return next((one for one in found if one.get(f"{WORD}ilvl", "0") == str(level)), None)
