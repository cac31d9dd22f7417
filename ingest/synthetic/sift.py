"""Is a line that a model wrote a question that somebody could ask? Each reason against it has a name."""

from __future__ import annotations

import re
from collections.abc import Callable

from pocketrag.formats.data.beir import Passage
from pocketrag.formats.data.near_duplicates import grams, plain

from .tongue import is_foreign

REFUSAL = "a refusal"
NO_QUESTION = "not a question"
SHORT, LONG = "too short", "too long"
ABOUT_TEXT = "speaks of the text it was made from"
TITLE = "is the title"
COPY = "copies the passage"
FOREIGN = "in another language"

#: People's longest question of 1 137 (the two corpora in examples/) has 38 words and 206 characters.
MOST_WORDS, MOST_LETTERS = 50, 300
#: Shorter asks for nothing in particular; of scripts without spaces letters count.
FEWEST_WORDS, FEWEST_LETTERS = 3, 6
#: Share of a question's 5-grams that its passage may hold. People's 1 137 questions stand at .80 and below.
COPIED = 0.9
ENDS = "?？؟;;՞?"
#: Ends of questions in languages that write no mark, or not always.
SPOKEN = re.compile(r"(?:[かの吗呢么]|까|나요|ไหม|อะไร|อย่างไร|ไร|ใด)[。.]?$")
REFUSES = re.compile(
    r"^(?:i['’]?m sorry|i am sorry|sorry|i can(?:no|['’])t|i cannot|i am unable|i['’]m unable|as an? "
    r"(?:ai|language model)"
    r"|unfortunately|es tut mir leid|tut mir leid|leider|ich kann (?:nicht|keine|dir|ihnen)|als "
    r"(?:ki|sprachmodell)"
    r"|je suis désolé|désolé|je ne peux pas|je ne suis pas en mesure|en tant qu|lo siento|no puedo|como "
    r"(?:ia|modelo)"
    r"|mi dispiace|non posso|desculp|não posso|lamento|het spijt me|sorry|ik kan (?:niet|geen))",
    re.IGNORECASE,
)
#: Nouns for what the model was shown, by what must stand before them. `passage` or `text` alone may be
#: what the
#: corpus is about.
ABOUT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:this|above|given|following|provided|preceding|quoted) "
        r"(?:passage|text|article|excerpt|paragraph|document|section"
        r"|context|quotation|extract|information|content)s?\b",
        r"\b(?:the|that) (?:passage|excerpt|quotation)s?\b(?! of\b)",
        r"\b(?:according to|based on|in|from|of|by) the (?:text|context|quote|author)\b",
        r"\b(?:text|passage|information|mentioned|described|stated|listed) above\b|\babove[- ]mentioned\b",
        r"\b(?:mentioned|described|stated|discussed) (?:here|in (?:the|this) "
        r"(?:text|passage|document|article|section))\b",
        r"\b(?:dies(?:er|es|em|en)|(?:der|dem|den) (?:obige|vorliegende|gegebene)n?|obig(?:er|es|em|en)) "
        r"(?:text|abschnitt|absatz|auszug|passage|artikel|zitat|dokument)",
        r"\b(?:laut|gemäß|im|nach) (?:dem |diesem )?(?:text|textabschnitt|zitat|auszug)\b|\boben "
        r"genannt|\bder autor\b",
        r"\b(?:ce|cet|cette) (?:passage|texte|extrait|paragraphe|citation|article|document)\b|\bci-dessus\b",
        r"\b(?:selon|d['’]après|dans|par) (?:le|l['’]|la) "
        r"?(?:texte|passage|extrait|paragraphe|citation|auteur)\b",
        r"\b(?:este|esta|el presente) "
        r"(?:texto|pasaje|fragmento|párrafo|extracto|cita)\b|\b(?:texto|mencionad[oa]s?) "
        r"(?:anterior|arriba)",
        r"\bseg[uú]n (?:el|la|este|esta) (?:texto|pasaje|fragmento|cita|autor|párrafo)\b",
        r"\bquest[oa] (?:testo|passaggio|brano|paragrafo|estratto|citazione)\b|\btesto "
        r"(?:sopra|precedente|qui sopra)",
        r"\b(?:secondo|nel|dal) (?:il )?(?:testo|passaggio|brano|autore)\b",
        r"\b(?:este|neste|deste) (?:texto|trecho|parágrafo)\b|\btexto acima\b|\b(?:segundo|de acordo com) "
        r"o (?:texto|trecho|autor)\b",
        r"\b(?:deze|dit) (?:tekst|passage|fragment|alinea|citaat)\b|\bbovenstaande?\b|\bvolgens de "
        r"(?:tekst|passage|auteur)\b",
    )
)


def against(question: str, passage: Passage, language: str | None) -> str | None:
    """Return why a line is no question to keep; None where nothing speaks against it.

    Args:
        question: as `questions_in` gives it.
        passage: what the model was shown.
        language: of the passages (ISO 639-1), where it is known.

    """
    return next((reason for reason, speaks in REASONS if speaks(question, passage, language)), None)


def _no_question(question: str, *_: object) -> bool:
    return not (question.endswith(tuple(ENDS)) or SPOKEN.search(question))


def _refusal(question: str, *_: object) -> bool:
    return _no_question(question) and bool(REFUSES.match(question))


def _short(question: str, *_: object) -> bool:
    letters = sum(c.isalnum() for c in question)
    spaced = all(ord(c) < 0x0E00 for c in question if c.isalpha())
    return letters < FEWEST_LETTERS or (spaced and len(question.split()) < FEWEST_WORDS)


def _long(question: str, *_: object) -> bool:
    return len(question) > MOST_LETTERS or len(question.split()) > MOST_WORDS


def _about_text(question: str, passage: Passage, _: str | None) -> bool:
    # Unless the passage speaks so itself: the corpus may be about texts.
    return any(
        (found := pattern.search(question)) and plain(found[0]) not in plain(passage.text)
        for pattern in ABOUT
    )


def _title(question: str, passage: Passage, _: str | None) -> bool:
    titles = {passage.title, *passage.title.split(" > ")}
    return _words(question) in {_words(title) for title in titles if title}


def _copy(question: str, passage: Passage, _: str | None) -> bool:
    own = grams(question)
    return len(own & grams(f"{passage.title} {passage.text}")) >= COPIED * len(own)


def _foreign(question: str, passage: Passage, language: str | None) -> bool:
    return is_foreign(question, f"{passage.title} {passage.text}", language)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))


#: Reason -> whether it holds, in the order in which they are asked: the first that does is counted.
REASONS: tuple[tuple[str, Callable[[str, Passage, str | None], bool]], ...] = (
    (REFUSAL, _refusal),
    (TITLE, _title),
    (NO_QUESTION, _no_question),
    (SHORT, _short),
    (LONG, _long),
    (ABOUT_TEXT, _about_text),
    (COPY, _copy),
    (FOREIGN, _foreign),
)
