"""An HTML page as a reader of its source sees it: every tag and attribute, tables by their caption, and what could fetch or run."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
#: Attributes that make a browser load something; `href` of an anchor within the page does not.
LOADS = {
    "src",
    "srcset",
    "href",
    "xlink:href",
    "data",
    "poster",
    "action",
    "formaction",
    "background",
    "cite",
    "ping",
    "manifest",
}
FORBIDDEN = {
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "img",
    "base",
    "form",
    "audio",
    "video",
    "foreignobject",
    "image",
    "use",
    "animate",
}


class Page(HTMLParser):
    def __init__(self, source: str):
        super().__init__()
        self.source, self.tags, self.open, self.problems, self.texts = source, [], [], [], []
        self.tables, self.ids, self.anchors = {}, [], []
        self.feed(source)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.check(tag, found)
        if tag == "table":
            self.tables[None] = []
        if tag == "tr":
            self.tables[next(reversed(self.tables))].append([])
        if tag in ("td", "th"):
            self.tables[next(reversed(self.tables))][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.check(tag, dict(attributes))

    def check(self, tag, attributes):
        if tag in FORBIDDEN:
            self.problems.append(f"<{tag}>")
        for name, value in attributes.items():
            if name in LOADS and not (tag == "a" and (value or "").startswith("#")):
                self.problems.append(f"{tag} {name}={value}")
            if (
                name.startswith("on")
                or name == "style"
                or (name == "http-equiv" and value != "Content-Security-Policy")
            ):
                self.problems.append(f"{tag} {name}={value}")
        if tag == "a":
            self.anchors.append(attributes["href"].removeprefix("#"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())
        if tag == "caption":
            self.tables[self.texts[-1]] = self.tables.pop(None)

    def handle_data(self, data):
        if "style" in self.open:
            self.problems += re.findall(r"@import|url\s*\(|expression|image-set|@font-face", data)
        if data.strip():
            self.texts.append(data.strip())
            if {"td", "th"} & set(self.open):
                self.tables[next(reversed(self.tables))][-1][-1] += data.strip()

    @property
    def text(self) -> str:
        return " ".join(self.texts)
