"""Takes out of an HTML page what its readers do not see, and what stands on every page of a site.

A table of rules and no extractor of main text: trafilatura 2.3 is made for articles of the web. On pages of
manuals it loses tables and short paragraphs, and what is hidden stays (docs/corpus.md).
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from .html_styles import hidden_by_style
from .xhtml import EPUB_TYPE

#: Holds no text, or text for programs; or text instead of what a browser shows.
NO_TEXT = (
    *("script", "style", "template", "noscript", "title", "meta", "link", "datalist", "noframes"),
    *("iframe", "canvas", "audio", "video", "object > param"),
    *("svg desc", "svg defs", "svg metadata", "math annotation", "math annotation-xml"),
)
#: Not shown. `hidden=until-found` is found by the browser's own search, so it can be read.
HIDDEN = (
    "[hidden]:not([hidden='until-found' i])",
    # A page that was saved while a window lay above it has its whole content marked so.
    "[aria-hidden='true' i]:not(:has(main, article, h1))",
    "dialog:not([open])",
    "[type='hidden' i]",
    *(".sr-only", ".visually-hidden", ".visuallyhidden", ".screen-reader-text", ".screenreader-text"),
)
#: The same on every page of a site: it would answer every question.
ON_EVERY_PAGE = (
    *("nav", "search"),
    *(f"[role='{role}' i]" for role in ("navigation", "banner", "contentinfo", "search", "menu", "menubar")),
    *("[aria-label='breadcrumb' i]", "[aria-label='breadcrumbs' i]"),
    *(".breadcrumb", ".breadcrumbs", ".skip-link", ".skiplink", ".skip-nav", ".skip-to-content"),
)
#: Lists of places in the text itself, and marks for a click.
PLACES = (
    *("[role='doc-toc' i]", "[role='doc-pagelist' i]"),
    *(
        f"nav[{attribute}~='{kind}' i]"
        for kind in ("toc", "landmarks", "page-list", "loi", "lot", "loa", "lov")
        for attribute in ("epub\\:type", EPUB_TYPE)
    ),
    *(".headerlink", ".anchorjs-link", ".mw-editsection"),
    # The way back from a note to its place.
    *("[role='doc-backlink' i]", ".footnote-back", "li > p > a[href^='#footnote-ref']"),
)
#: Elements in which a header or footer belongs to a part of the text, not to the site.
PARTS = ("main", "article", "section", "aside", "blockquote", "figure", "td", "dialog", "details")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: In a footer of the page, what belongs to the text.
NOTES = "[role='doc-endnotes'], [role='doc-bibliography'], .footnotes, .footnote, .references"
#: Bars that ask about cookies, by id or class: the words of their makers, or a word for the subject and one
#: for the bar. A part of a text that is called so (`<section id="cookie-consent">`) has no buttons.
COOKIES = re.compile(
    r"\b(?:onetrust|cybotcookiebot|cookiebot|usercentrics|didomi|truste|cookieyes|iubenda|klaro|osano"
    r"|(?:cookie|consent|gdpr|ccpa)[a-z]*[-_]?(?:bar|banner|box|notice|notification|consent|popup|modal|overlay"
    r"|dialog|message|alert|wall|law|policy|prompt|window|container|settings|manager|disclaimer)"
    r"|(?:cc|eu)[-_](?:window|banner|cookie\w*))",
    re.IGNORECASE,
)
#: A bar above the text, by id or class.
BANNERS = re.compile(
    r"(?:site|top|page|header|promo|promotion|ad|ads|global|main)?[-_]?(?:banner|announcement(?:[-_]?bar)?)",
    re.IGNORECASE,
)
BARS = ("div", "aside", "section", "form", "p", "header", "footer")
#: Text of a link into the page that marks its place: ¶.
SIGNS = re.compile(r"[¶#§🔗⚓∞^↑\s\u200b\ue000-\uf8ff]*")
SKIP = re.compile(
    r"\s*(?:skip|jump) to (?:the )?(?:main )?(?:content|navigation|search|text)\W*", re.IGNORECASE
)
#: Classes of parts that a reader opens by a click.
OPENED = re.compile(
    r"(?:^|[-_])(?:tabs?|tab-?panel|tab-?pane|tab-?content|collapse|collapsible|accordion)(?:$|[-_])",
    re.IGNORECASE,
)


def take_out_unseen(soup: BeautifulSoup, site: bool = True) -> None:
    """Leave in the page what a reader of its text sees; one of a `site` has parts that all of its pages have.

    What a click opens stays: closed `<details>`, tabs, and whatever a button says that it controls.
    """
    opened = _opened(soup)
    for tag in [*soup.select(", ".join(HIDDEN)), *hidden_by_style(soup)]:
        if not _opens(tag, opened):
            tag.decompose()
    for string in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        string.extract()
    for tag in soup.select(", ".join((*NO_TEXT, *PLACES, *(ON_EVERY_PAGE if site else ())))):
        tag.decompose()
    for find in (_edges, _bars, _marks) if site else (_marks,):
        for tag in find(soup):
            tag.decompose()


def _opened(soup: BeautifulSoup) -> set[str]:
    names = ("aria-controls", "data-target", "data-bs-target", "popovertarget")
    said = [str(tag.get(name) or "") for name in names for tag in soup.select(f"[{name}]")]
    return {part.lstrip("#") for text in said for part in text.split()}


def _opens(tag: Tag, opened: set[str]) -> bool:
    if tag.decomposed or tag.name == "dialog":
        return bool(tag.decomposed)
    return (
        str(tag.get("role") or "").lower() == "tabpanel"
        or str(tag.get("id") or "") in opened
        or any(OPENED.search(name) for name in _classes(tag))
    )


def _classes(tag: Tag) -> list[str]:
    return [str(name) for name in tag.get_attribute_list("class") if name]


def _named(tag: Tag) -> list[str]:
    return [*_classes(tag), str(tag.get("id") or "")]


def _edges(soup: BeautifulSoup) -> list[Tag]:
    """Return heads and feet of the page; a head with a heading in it is the text's."""
    found = [tag for tag in soup.find_all(["header", "footer"]) if not tag.find_parent(PARTS)]
    return [
        tag
        for tag in found
        if not (
            tag.find(HEADINGS)
            if tag.name == "header"
            else tag.select_one(NOTES) or tag.find(["main", "article"])
        )
    ]


def _bars(soup: BeautifulSoup) -> list[Tag]:
    return [tag for tag in soup.find_all(BARS) if _is_cookie_bar(tag) or _is_banner(tag)]


def _is_cookie_bar(tag: Tag) -> bool:
    # Its names first: they are looked at at once, and what is in it is not, where elements are nested by the
    # thousand.
    return (
        any(map(COOKIES.search, _named(tag)))
        and bool(tag.find(["button", "input"]) or tag.find("a", class_=True))
        and not tag.find(["main", "article", "pre", "h1"])
    )


def _is_banner(tag: Tag) -> bool:
    return (
        any(map(BANNERS.fullmatch, _named(tag)))
        and not tag.find_parent(["main", "article", "section"])
        and not tag.find([*HEADINGS, "main", "article"])
    )


def _marks(soup: BeautifulSoup) -> list[Tag]:
    return [
        link
        for link in soup.select("a[href^='#']")
        if SKIP.fullmatch(text := link.get_text())
        or (link.find_parent(HEADINGS) and text and SIGNS.fullmatch(text) and not link.find("img"))
    ]
