"""Numbers that are near each other keep their order, and words shorter than the cuts of their script are found."""

import pytest

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.folding import folded
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.phrases import phrases

#: What is asked, and what holds the same numbers otherwise.
ORDERED = [
    ("第3条第2項", "第2条第3項"),
    ("第三条第二項", "第二条第三項"),
    ("2024年5月6日", "2024年6月5日"),
    ("제12조제3항", "제3조제12항"),
    ("제12조 제3항", "제3조 제12항"),
    ("มาตรา 12 วรรค 3", "มาตรา 3 วรรค 12"),
    ("มาตรา๑๒วรรค๓", "มาตรา๓วรรค๑๒"),
    ("§ 12 Abs. 3", "§ 3 Abs. 12"),
    ("§ 12 Abs. 3 Satz 2", "§ 2 Abs. 3 Satz 12"),
    ("article 12, paragraph 3", "article 3, paragraph 12"),
    ("arr[3][5]", "arr[5][3]"),
    ("f(3, 5)", "f(5, 3)"),
    ("6. Mai 2024, 5 Gäste", "5. Mai 2024, 6 Gäste"),
    ("6 de mayo de 2024, 5", "5 de mayo de 2024, 6"),
    ("العدد 12 المادة 3", "العدد 3 المادة 12"),
]
#: A short word, and text that has it at the beginning, within, and at the end of a run.
SHORT = [
    ("盐", ["盐在柜子里", "请放盐在柜子里", "柜子里有盐"]),
    ("水", ["水をください", "冷たい水道水を飲む", "これは冷水"]),
    ("물", ["물은 차갑다", "찬물입니다", "이것은 찬물"]),
    ("물에서", ["물은 차갑다", "찬물입니다", "이것은 찬물"]),
    ("책을", ["책은 여기", "새책입니다", "이것은 새책"]),
    ("งู", ["งูอยู่ในสวน", "มีงูอยู่ในสวน", "ในสวนมีงู"]),
    ("กา", ["กาอยู่บนต้นไม้", "มีกาอยู่บนต้นไม้", "บนต้นไม้มีกา"]),
]
OTHERS = ["别的话在桌子上", "別の話です", "다른 이야기", "เรื่องอื่นบนโต๊ะ", "another story"]


def found(texts, question):
    run = full_text([Passage(f"p{n:02}", "", text) for n, text in enumerate(texts)], [Question("q", question)])["q"]  # fmt: skip
    return [texts[int(id_[1:])] for id_, _ in run]


@pytest.mark.parametrize(("asked", "other"), ORDERED)
@pytest.mark.parametrize("turned", [False, True])
def test_neighbouring_numbers_keep_their_order(asked, other, turned):
    asked, other = (other, asked) if turned else (asked, other)
    texts = [f"{other} {other}", *OTHERS, asked]
    assert found(texts, asked)[0] == asked


def test_one_number_keeps_its_mark():
    texts = ["第2条第3項", "第3条第2項", *OTHERS]
    assert found(texts, "第3条は何ですか")[0] == texts[1] and found(texts, "第3項")[0] == texts[0]


@pytest.mark.parametrize(("asked", "texts"), SHORT)
def test_a_word_shorter_than_the_cuts_is_found(asked, texts):
    assert set(found([*texts, *OTHERS], asked)[: len(texts)]) == set(texts)


@pytest.mark.parametrize(
    ("passage", "question"),
    [("棋手可以停\n止棋钟", "停止"), ("時\r\n  計を止める", "時計"), ("หยุดนาฬิ\nกาได้", "นาฬิกา")],
)
def test_a_line_may_end_within_a_word(passage, question):
    assert found([*OTHERS, passage], question)[:1] == [passage]


def test_phrases():
    def asked(text):
        return phrases(text, folded(text))

    assert asked("第3条第2項") == ["3 条第 第 2", "第 3 条*", "第 2 項*"]
    assert asked("§ 12 Abs. 3") == ["12 Abs. 3"] and asked("水を") == ["水*"]
    assert asked("tie-break 1-1, in 50 minutes + 10 seconds") == ["in50", "1, in 50"]
    assert len(asked(" ".join(f"{n}.{n}" for n in range(100)))) == 32
