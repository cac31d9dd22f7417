"""Which elements of an HTML page its own style sheets hide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import tinycss2
from bs4 import BeautifulSoup, Tag
from soupsieve.util import SelectorSyntaxError

#: Media whose rules hold for a reader at a screen.
SCREEN = re.compile(r"(?:only\s+)?(?:all|screen)?\s*", re.IGNORECASE)
#: Parts of a selector that weigh: ids, then classes, attributes and states, then elements.
WEIGHTS = (
    re.compile(r"#[\w-]+"),
    re.compile(r"\.[\w-]+|\[[^\]]*\]|(?<!:):[\w-]+"),
    re.compile(r"(?:^|[\s>+~])\w+"),
)

#: Selector, whether it hides (None: does not say).
Rule = tuple[str, bool]


def hidden_by_style(soup: BeautifulSoup) -> list[Tag]:
    """Return the elements that the page's `<style>` and `style=` hide; files that it links to are not read.

    Of several rules the weightier holds, of equal ones the later, as in CSS; `!important` is not weighed.
    """
    says: dict[int, tuple[Tag, bool]] = {}
    rules = [
        rule
        for sheet in soup.find_all("style")
        if SCREEN.fullmatch(str(sheet.get("media", "")).strip())
        for rule in _rules(tinycss2.parse_stylesheet(sheet.get_text()))
    ]
    for selector, hides in sorted(rules, key=lambda rule: _weight(rule[0])):
        for tag in _selected(soup, selector):
            says[id(tag)] = tag, hides
    for tag in soup.find_all(style=True):
        if (hidden := _hides(tinycss2.parse_declaration_list(str(tag["style"])))) is not None:
            says[id(tag)] = tag, hidden
    return [tag for tag, hides in says.values() if hides]


def _rules(nodes: Sequence[Any]) -> Iterator[tuple[str, bool]]:
    for node in nodes:
        if node.type == "at-rule" and node.content is not None and node.lower_at_keyword == "media":
            if SCREEN.fullmatch(tinycss2.serialize(node.prelude).strip()):
                yield from _rules(tinycss2.parse_rule_list(node.content))
        elif node.type == "qualified-rule":
            hides = _hides(tinycss2.parse_declaration_list(node.content))
            if hides is not None:
                yield from ((selector, hides) for selector in _selectors(node.prelude))


def _selectors(prelude: Sequence[Any]) -> list[str]:
    found: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            found.append([])
        else:
            found[-1].append(token)
    return [text for tokens in found if (text := tinycss2.serialize(tokens).strip())]


def _hides(declarations: Sequence[Any]) -> bool | None:
    hides = None
    for declaration in declarations:
        if declaration.type == "declaration" and declaration.lower_name in ("display", "visibility"):
            value = tinycss2.serialize(declaration.value).strip().lower()
            hides = value in ("none", "hidden", "collapse") or (
                bool(hides) and declaration.lower_name == "visibility"
            )
    return hides


def _selected(soup: BeautifulSoup, selector: str) -> list[Tag]:
    if "::" in selector or re.search(r":(?:before|after|first-l)", selector):
        return []
    try:
        return list(soup.select(selector))
    except (SelectorSyntaxError, NotImplementedError, ValueError):  # a state, or of a later CSS
        return []


def _weight(selector: str) -> tuple[int, ...]:
    return tuple(len(part.findall(selector)) for part in WEIGHTS)
