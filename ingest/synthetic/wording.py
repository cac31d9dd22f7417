"""How models refuse, and how they speak of the text that they were shown, in seven languages."""

from __future__ import annotations

import re

#: How a line begins that declines.
REFUSALS = (
    r"i['’]?m sorry|i am sorry|sorry|unfortunately|as an? (?:ai|language model)",
    r"i can(?:no|['’])t|i['’]m unable|i am unable",
    r"es tut mir leid|tut mir leid|leider|als (?:ki|sprachmodell)",
    r"ich kann (?:nicht|keine|dir|ihnen)",
    r"(?:je suis )?désolé|je ne peux pas|je ne suis pas en mesure|en tant qu",
    r"lo siento|no puedo|lamento|como (?:ia|modelo)",
    r"mi dispiace|non posso|come (?:ia|modello)",
    r"desculp|não posso",
    r"het spijt me|ik kan (?:niet|geen)|als (?:ai|taalmodel)",
)
#: Words for what the model was shown, with those that must stand before them: `text` or `section` alone
#: may be what
#: the corpus is about.
OF_TEXT = (
    # English
    r"(?:this|above|given|following|provided|preceding|quoted) "
    r"(?:passage|text|article|excerpt|extract|paragraph|document|section|context|quotation|information|content)s?\b",
    r"(?:the|that) (?:passage|excerpt|quotation)s?\b(?! of\b)",
    r"(?:according to|based on|in|from|of|by) the (?:text|context|quote|author)\b",
    r"(?:text|passage|information|mentioned|described|stated|listed) above\b",
    r"above[- ]mentioned\b",
    r"(?:mentioned|described|stated|discussed) here\b",
    r"(?:mentioned|described|stated|discussed) in (?:the|this) (?:text|passage|document|article|section)\b",
    # German
    r"dies(?:er|es|em|en) (?:text|abschnitt|absatz|auszug|artikel|zitat|dokument)",
    r"(?:obig|vorliegend|gegeben)(?:e|er|es|em|en) "
    r"(?:text|abschnitt|absatz|auszug|passage|artikel|zitat|dokument)",
    r"diese[rn]? (?:passage|textstelle)",
    r"(?:laut|gemäß|im|nach) (?:dem |diesem )?(?:text|textabschnitt|zitat|auszug)\b",
    r"oben genannt",
    r"der autor\b",
    # French
    r"(?:ce|cet|cette) (?:passage|texte|extrait|paragraphe|citation|article|document)\b",
    r"(?:selon|d['’]après|dans|par) (?:le|la|l['’]) ?(?:texte|passage|extrait|paragraphe|citation|auteur)\b",
    r"ci-dessus\b",
    # Spanish
    r"(?:este|esta|el presente) (?:texto|pasaje|fragmento|párrafo|extracto|cita)\b",
    r"seg[uú]n (?:el|la|este|esta) (?:texto|pasaje|fragmento|cita|autor|párrafo)\b",
    r"(?:texto|mencionad[oa]s?) (?:anterior|arriba)",
    # Italian
    r"quest[oa] (?:testo|passaggio|brano|paragrafo|estratto|citazione)\b",
    r"(?:secondo|nel|dal) (?:il )?(?:testo|passaggio|brano|autore)\b",
    r"testo (?:sopra|precedente|qui sopra)",
    # Portuguese
    r"(?:este|neste|deste) (?:texto|trecho|parágrafo)\b",
    r"(?:segundo|de acordo com) o (?:texto|trecho|autor)\b",
    r"texto acima\b",
    # Dutch
    r"(?:deze|dit) (?:tekst|passage|fragment|alinea|citaat)\b",
    r"volgens de (?:tekst|passage|auteur)\b",
    r"bovenstaande?\b",
)
#: What ends a question; Armenian's stands on the word that asks, Greek's looks like a semicolon, and some
#: scripts
#: write none and end in a word.
ENDS = r"[?？؟፧]$|՞|[Ͱ-Ͽ][^;]*;$|(?:[かの吗呢么]|까|나요|ไหม|อะไร|อย่างไร|ใด)[。.]?$"

_REFUSAL = re.compile("|".join(REFUSALS), re.IGNORECASE)
_OF_TEXT = re.compile(rf"\b(?:{'|'.join(OF_TEXT)})", re.IGNORECASE)
_END = re.compile(ENDS)


def is_refusal(line: str) -> bool:
    """Say whether a line begins as one that declines."""
    return bool(_REFUSAL.match(line))


def is_asked(line: str) -> bool:
    """Say whether a line ends as a question does."""
    return bool(_END.search(line))


def of_text(line: str) -> list[str]:
    """Return the words of a line that speak of the text that the model was shown."""
    return [found[0] for found in _OF_TEXT.finditer(line)]
