"""How full text sees a text; the same function in Kotlin is compared in tests/gradle_bundle/test_units.py."""

import re

import pytest

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.folding import folded
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.names import names
from pocketrag.runtime.words import cut
from tests.conftest import ROOT
from tests.pocketrag.runtime import languages


@pytest.mark.parametrize(
    ("one", "other"),
    [("œuvre", "oeuvre"), ("Straße", "STRASSE"), ("ёлка", "Елка"), ("ﬁn", "fin"), ("１２", "12"), ("co\u00adop", "coop"),
     ("ко\u0301мната", "комната"), ("cafe\u0301", "café"), ("ΣΟΦΟΣ", "σοφός"), ("كَتَبَ", "كتب"), ("שָׁלוֹם", "שלום"), ("ﾊﾟﾝ", "パン"), ("stop🛑", "stop"), ("stop\u200bping", "stopping"), ("सब्ज़ी", "सब्जी"), ("चाँद", "चांद"), ("v2.10", "V 2.10"),
     ("20₽", "20"), ("iPhone™", "iphone TM"), ("①Press", "1 press"), ("שלום\u200f", "שלום"), ("٣", "3"), ("Ⅳ", "IV"), ("м\u02bcята", "м'ята"), ("e\u034fe", "ee")],
)  # fmt: skip
def test_two_spellings_are_one(one, other):
    assert cut(one) == cut(other) and cut(one)


def test_marks_belong_to_words_and_scripts_without_spaces_are_cut():
    assert cut("किताब में") == ["किताब", "में"]
    assert cut("停止棋钟3次") == ["停止", "止棋", "棋钟", "钟", "3", "次"]
    assert cut("本を") == ["本を", "本", "を"] and cut("นาฬิกา")[:2] == ["นาฬ", "าฬิ"]


@pytest.mark.parametrize(
    ("passage", "question"),
    [("5kgの荷物", "5kg"), ("直径5mm的孔", "5 mm"), ("직경 5kg의 짐", "5kg"), ("หนัก5kgนะ", "5kg"), ("直径 5mm 孔", "5mm的孔"),
     ("C++を使う", "C++")],
)  # fmt: skip
def test_numbers_and_names_beside_scripts_without_spaces(passage, question):
    others = [
        Passage(f"p{n}", "", text) for n, text in enumerate(("6gの荷物", "Cを使う", "C#を使う", "別の話"))
    ]
    run = full_text([*others, Passage("x", "", passage)], [Question("q", question)])["q"]
    assert run and run[0][0] == "x" and (len(run) == 1 or run[0][1] > run[1][1])


def test_names():
    assert names(folded("Art. 6.11.4, A‑12/3 et snake_case; l'arbitre. Fin, 12:30; est-ce tie-break 1-1")) == [
        "6.11.4", "A‐12/3", "snake_case", "12:30"]  # fmt: skip


def test_a_compound_keeps_its_order():
    passages = [Passage(f"p{n}", "", f"Article {n}.{8 - n}.{n % 3} rules {n}") for n in range(1, 8)]
    passages += [Passage(f"r{n}", "", f"Article {8 - n}.{n % 3}.{n} rules") for n in range(2, 8)]
    run = full_text(passages, [Question(p.id, "article " + p.text.split()[1]) for p in passages])
    assert all(run[p.id][0][0] == p.id for p in passages)


def test_one_passage_alone_is_found():
    assert full_text([Passage("a", "", "the only rule")], [Question("q", "which rule ?")])["q"][0][0] == "a"


#: How many of the 30 questions have their passage first at least, as docs/languages.md shows.
FLOORS = {"th": 29, **dict.fromkeys(("hi", "ar", "he", "zh", "ja", "ko", "el", "ru", "de", "fr"), 30)}


@pytest.mark.parametrize("language", FLOORS)
def test_languages(language):
    questions, first, nothing = languages.measure(language)
    assert questions >= 30 and first >= FLOORS[language] and nothing == 0


def test_every_set_has_a_floor_and_stands_in_the_table():
    table = (ROOT / "docs" / "languages.md").read_text("utf-8")
    shown = [
        int(row.split("|")[3])
        for row in table.splitlines()
        if re.match(r"\| [A-Z][a-z]+[,\w ]* \| \d+ \| \d+ \| \d+ \| \d+ \|", row)
    ]
    assert set(FLOORS) == set(languages.SETS) and sorted(shown) == sorted(FLOORS.values())


#: Bengali, Tamil, Lao, Burmese, Khmer: a word of the passage, without its neighbours.
OTHERS = {
    "bn": ("বই দরজা জানালা দুধ চা কলম ঘড়ি চাবি তালা বাতি", "{} উপরের তাকে রাখা উচিত।", "{} কোথায় রাখব?"),
    "ta": ("கதவு ஜன்னல் பால் தேநீர் புத்தகம் பேனா மேசை நாற்காலி கடிகாரம் சாவி", "{} மேல் அலமாரியில் வைக்க வேண்டும்.", "{} எங்கே?"),
    "lo": ("ປະຕູ ປຶ້ມ ໂຕະ ໂມງ ກະແຈ ຈັກຍານ ດອກໄມ້ ໝາກໄມ້ ເກືອ ນ້ຳມັນ", "ຄວນເກັບ{}ໄວ້ໃນຕູ້", "{}ຢູ່ໃສ"),
    "my": ("တံခါး စာအုပ် စားပွဲ နာရီ သော့ စက်ဘီး ပန်းပွင့် သစ်သီး ဆားပုလင်း ဆီအိုး", "{}ကိုဗီရိုထဲမှာထားပါ", "{}ဘယ်မှာလဲ"),
    "km": ("ទ្វារ សៀវភៅ តុធំ នាឡិកា កូនសោ កង់បី ផ្កាក្រហម ផ្លែឈើ អំបិល ប្រេងឆា", "ត្រូវទុក{}ក្នុងទូ", "{}នៅឯណា"),
}


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages(language):
    things, passage, question = OTHERS[language]
    passages = [Passage(thing, "", passage.format(thing)) for thing in things.split()]
    run = full_text(passages, [Question(thing, question.format(thing)) for thing in things.split()])
    assert len(passages) == 10 and all(run[p.id][0][0] == p.id for p in passages)
