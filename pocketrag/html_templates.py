"""HTML pages from templates: all text escaped, missing names are errors, and the result is UTF-8."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache
def environment(folder: Path) -> Environment:
    """Return what reads the templates of a folder."""
    # By hand: jinja2's own choice goes by the ending, and escapes nothing in a file called .jinja.
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def written(text: str) -> str:
    """Return text that can be written: JSON knows half characters, UTF-8 does not."""
    return text.encode("utf-8", "replace").decode("utf-8")
