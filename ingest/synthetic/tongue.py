"""Is a question in the language of the passages? By the script of its letters, and by small words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

#: Words without which hardly a question does, of the languages that questions are asked for in.
SMALL = {
    "en": "the of is are was what which who how when where why does do did can must "
    "may should if and with for",
    "de": "der die das den dem ein eine einen ist sind was welche welcher welches wer wie wann wo warum wird "
    "werden kann muss darf soll wenn und mit für auf nicht man",
    "fr": "le la les un une des du est sont que quel quelle quels quelles qui comment quand où pourquoi peut "
    "doit faut si et avec pour dans pas on qu",
    "es": "el los las un una del es son qué cuál cuáles quién cómo cuándo dónde por puede debe si y con para "
    "en no se",
    "it": "il lo gli un una del della è sono che quale quali chi come quando dove perché può deve se e con "
    "per nel non si cosa",
    "pt": "o os as um uma do da é são que qual quais quem como quando onde por pode deve se e com para "
    "em não",
    "nl": "de het een is zijn wat welke wie hoe wanneer waar waarom kan moet mag als en met voor op niet men",
}
WORDS = {language: frozenset(words.split()) for language, words in SMALL.items()}
#: So many of another language's, and none of their own.
FEWEST = 2
#: Of the letters that must be of the passage's script: names and units may be of another.
LEAST = 0.5
#: Japanese is written in three.
TOGETHER = {"hiragana": "cjk", "katakana": "cjk", "katakana-hiragana": "cjk"}


def is_foreign(question: str, passage: str, language: str | None) -> bool:
    """Say whether a question is in another language than its passage, as far as these two signs can tell.

    Args:
        question: one question.
        passage: what it was written to; its letters say which script is right.
        language: ISO 639-1, where it is known; small words are looked at then.

    """
    if _foreign_script(question, passage):
        return True
    own = WORDS.get(language or "")
    if own is None:
        return False
    words = Counter(re.findall(r"[^\W\d_]+", question.casefold()))
    if any(word in words for word in own):
        return False
    others = (sum(n for word, n in words.items() if word in small) for small in WORDS.values())
    return max(others) >= FEWEST


def _foreign_script(question: str, passage: str) -> bool:
    asked, there = _scripts(question), _scripts(passage)
    if not asked or not there:
        return False
    known = {name for name, n in there.items() if n >= 0.05 * sum(there.values())}
    return sum(n for name, n in asked.items() if name in known) < LEAST * sum(asked.values())


def _scripts(text: str) -> Counter[str]:
    # The first word of a letter's Unicode name.
    names = (
        unicodedata.name(c, "other").split()[0].lower()
        for c in unicodedata.normalize("NFKC", text)
        if c.isalpha()
    )
    return Counter(TOGETHER.get(name, name) for name in names)
