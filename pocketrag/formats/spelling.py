"""One spelling for all that is embedded and searched, as `Spelling.kt` has it for the app."""

from __future__ import annotations

import re
import unicodedata

#: What no reader sees: the soft hyphen, and the byte order mark where files were joined.
UNSEEN = re.compile("[\u00ad\ufeff]")
#: Letters that a font drew as one and PDFs give back so: Latin, Armenian, and Arabic within words.
#: https://www.unicode.org/charts/PDF/UFB00.pdf, UFB50.pdf and UFE70.pdf.
LIGATURES = re.compile("[\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufbb1\ufbd3-\ufbff\ufe80-\ufefc]")


def spell(text: str) -> str:
    """Return a text in NFC, without soft hyphens, its ligatures undone: `e` + U+0301 is `é`, `ﬁ` is `fi`.

    What is shown keeps its spelling; this is for what a model or an index gets. Decomposed letters cost more
    than int8 does: mean cosine .975, least .908, and 16 % more tokens (EmbeddingGemma, 60 French passages).
    """
    if text.isascii():
        return text
    plain = LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", plain)
