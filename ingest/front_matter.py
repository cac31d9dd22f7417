"""Settings of a site generator at the top of a Markdown file: not text, but they hold its title."""

from __future__ import annotations

import re

#: YAML between two lines `---` (Jekyll, Hugo, MkDocs), of which one sets a key; CommonMark would read a
#: heading into it. TOML between two lines `+++` (Hugo, Zola).
YAML = re.compile(
    r"\A---[ \t]*\n(?=(?:[ \t]*(?:#.*)?\n)*[\w\"'-][^\n:]*:)(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"""^title[ \t]*[:=][ \t]*(["']?)(.+?)\1[ \t]*$""", re.MULTILINE | re.IGNORECASE)
#: A YAML text of several lines: `>` or `|`, then the lines that are indented.
FOLDED = re.compile(r"^title[ \t]*:[ \t]*[>|][-+]?[ \t]*\n((?:[ \t]+.*\n?)+)", re.MULTILINE | re.IGNORECASE)


def without_front_matter(text: str) -> tuple[str, str]:
    """Return the title that the settings give, empty where they give none, and the text below them."""
    front = YAML.match(text) or TOML.match(text)
    if front is None:
        return "", text
    if folded := FOLDED.search(front[1]):
        return " ".join(folded[1].split()), text[front.end() :]
    named = TITLE.search(front[1])
    return named[2] if named else "", text[front.end() :]
