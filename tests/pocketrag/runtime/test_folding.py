"""How full text sees a text; the same function in Kotlin is compared in tests/gradle_bundle/test_units.py."""

import pytest

from pocketrag.formats.beir import Passage, Question
from pocketrag.runtime.folding import compounds, folded
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.words import cut
from tests.pocketrag.runtime import languages


@pytest.mark.parametrize(
    ("one", "other"),
    [("œuvre", "oeuvre"), ("Straße", "STRASSE"), ("ёлка", "Елка"), ("ﬁn", "fin"), ("１２", "12"), ("co\u00adop", "coop"),
     ("ко\u0301мната", "комната"), ("cafe\u0301", "café"), ("ΣΟΦΟΣ", "σοφός"), ("كَتَبَ", "كتب"), ("שָׁלוֹם", "שלום"), ("ﾊﾟﾝ", "パン"), ("stop🛑", "stop"), ("stop\u200bping", "stopping"), ("सब्ज़ी", "सब्जी"), ("चाँद", "चांद"), ("v2.10", "V 2.10"),
     ("20₽", "20"), ("iPhone™", "iphone TM"), ("①Press", "1 press"), ("שלום\u200f", "שלום"), ("٣", "3"), ("Ⅳ", "IV"), ("e\u034fe", "ee")],
)  # fmt: skip
def test_two_spellings_are_one(one, other):
    assert cut(one) == cut(other) and cut(one)


def test_marks_belong_to_words_and_scripts_without_spaces_are_cut():
    assert cut("किताब में") == ["किताब", "में"]
    assert cut("停止棋钟3次") == ["停止", "止棋", "棋钟", "3", "次"]
    assert cut("本を") == ["本を", "本"] and cut("นาฬิกา")[:2] == ["นาฬ", "าฬิ"]


def test_compounds():
    assert compounds(folded("Art. 6.11.4, A‑12/3 et snake_case; l'arbitre. Fin, 12:30")) == [
        "6.11.4", "A‐12/3", "snake_case", "12:30"]  # fmt: skip


def test_a_compound_keeps_its_order():
    passages = [Passage(f"p{n}", "", f"Article {n}.{8 - n}.{n % 3} rules {n}") for n in range(1, 8)]
    passages += [Passage(f"r{n}", "", f"Article {8 - n}.{n % 3}.{n} rules") for n in range(2, 8)]
    run = full_text(passages, [Question(p.id, "article " + p.text.split()[1]) for p in passages])
    assert all(run[p.id][0][0] == p.id for p in passages)


def test_one_passage_alone_is_found():
    assert full_text([Passage("a", "", "the only rule")], [Question("q", "which rule ?")])["q"][0][0] == "a"


@pytest.mark.parametrize("language", languages.SETS)
def test_languages(language):
    questions, first, nothing = languages.measure(language)
    assert questions >= 30 and first >= 29 and nothing <= 1
