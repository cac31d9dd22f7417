"""The page's Unicode tables, which are those of the Kotlin runtime: `python -m tests.serve.browser.unicode_data`."""

from pathlib import Path

from tests.conftest import ROOT
from tests.gradle_bundle.unicode_data import base36, tables

FILE = ROOT / "serve" / "browser" / "site" / "unicode-data.js"
WIDTH = 120
HEADER = """// Made by `python -m tests.serve.browser.unicode_data`, not by hand; a test makes it again and compares.
// All numbers have base 36. Ranges are pairs: distance from the end of the one before, length.
export const TABLES = {
"""


def source() -> str:
    """Return the JavaScript file."""
    return (
        HEADER + "".join(_table(name, what, numbers) for name, (what, numbers) in tables().items()) + "};\n"
    )


def _table(name: str, what: str, numbers: list[int]) -> str:
    words, lines = " ".join(map(base36, numbers)), []
    while words:
        cut = words.rfind(" ", 0, WIDTH) + 1 if len(words) > WIDTH else len(words)
        lines.append(f'    "{words[:cut]}"')
        words = words[cut:]
    return f"  /** {what[0].upper()}{what[1:]}. */\n  {name}:\n" + " +\n".join(lines) + ",\n"


if __name__ == "__main__":
    Path(FILE).write_text(source(), "utf-8")
