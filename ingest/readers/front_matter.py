"""Settings of a site generator at the top of a Markdown file: not text, but they hold its title."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml

from pocketrag.recipe.toml import tomllib

#: A line of settings in YAML that a parser may still refuse: a template's `{{ }}`, a tab, a stray colon.
SETTING = re.compile(r"[ \t]*(?:#.*|-(?:[ \t].*)?|[\w\"'.-][^:]*:(?:[ \t].*)?)?|[ \t]+.*")
TITLE = re.compile(r"""^title[ \t]*[:=][ \t]*(["']?)(.+?)\1[ \t]*$""", re.MULTILINE | re.IGNORECASE)


def without_front_matter(text: str) -> tuple[str, str]:
    """Return the title that the settings give, empty where they give none, and the text below them."""
    for pattern, load in KINDS:
        front = pattern.match(text)
        if front is not None and (settings := load(front[1])) is not None:
            titles = (value for key, value in settings.items() if str(key).lower() == "title")
            title = next((value for value in titles if isinstance(value, str | int | float)), "")
            return " ".join(str(title).split()), text[front.end() :]
    return "", text


def _yaml(text: str) -> dict[Any, Any] | None:
    """Return the settings; None where the text is none: what stands between two rules may be a text."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        if not all(SETTING.fullmatch(line) for line in text.split("\n")):
            return None
        named = TITLE.search(text)
        return {"title": named[2]} if named else {}
    return found if isinstance(found, dict) else None


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        named = TITLE.search(text)
        return {"title": named[2]} if named else {}


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _between(opening: str, closing: str) -> re.Pattern[str]:
    return re.compile(
        rf"\A{opening}[ \t]*\n(.*?)^{closing}[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE
    )


#: How settings are set apart, and what reads them: Jekyll, Hugo, MkDocs, Zola, gray-matter.
KINDS: tuple[tuple[re.Pattern[str], Callable[[str], dict[Any, Any] | None]], ...] = (
    (_between("---(?:ya?ml)?", r"(?:---|\.\.\.)"), _yaml),
    (_between(r"\+\+\+", r"\+\+\+"), _toml),
    (_between("---toml", "---"), _toml),
    (_between("(?:;;;|---json)", "(?:;;;|---)"), _json),
    (re.compile(r"\A(\{\n.*?^\})[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE), _json),
)
