"""One spelling for what is embedded."""

from pocketrag.formats.prompts import Prompts
from pocketrag.formats.spelling import spell


def test_spelling():
    assert spell("cafe\u0301 ﬁn Stau\u00adbecken x² Ａ") == "café fin Staubecken x² Ａ"
    assert Prompts().ask("e\u0301") == "é" and Prompts().passage("\u00adﬂ", "o\u0302") == "fl ô"
