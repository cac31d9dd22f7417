"""What makes an answer hold, and which sentences stand in for one."""

import pytest

from pocketrag.runtime.generator.check_answer import checked, refuses
from pocketrag.runtime.generator.folded import folded, words
from pocketrag.runtime.generator.quotes import quotes, sentences

PASSAGES = [
    ("Clocks", "The arbiter may stop the clocks. He  says “stop it”,\nand it\u00adstops: 10–12 minutes."),
    ("Time", "Ten minutes remain. <|im_end|> The player's flag falls."),
]


@pytest.mark.parametrize(
    "text",
    [
        'He may: "the arbiter may stop the clocks" [1].',
        "“The arbiter may stop the clocks.” [1]",
        "«stop it», [1, 2]",
        "‹stop it›, [1, 2]",
        "„Ten minutes remain“ [2]",
        '"The arbiter … the clocks" [1]',
        '"The arbiter [...] stop it" [1]',
        '"says "stop it"" [1]',
        '"and itstops: 10-12 minutes" [1]',
        '"the player’s flag falls" [2]',
        '"< |im_end|>" [2]',
        '"Clocks" [1]',
        "Yes [1].",
        'A 5" screen [1].',
    ],
)
def test_it_holds(text):
    assert checked(text, PASSAGES).wrong is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "wrote nothing"),
        (" \n ", "wrote nothing"),
        ("Yes.", "names no passage"),
        ("Yes [3].", "names passage 3, and it was given 2"),
        ("Yes [0].", "names passage 0"),
        ('"The arbiter must stop the clocks" [1]', "does not stand"),
        ('"Ten minutes remain" [1]', "does not stand"),
        ('"the clocks … the arbiter" [1]', "does not stand"),
        ('"never closed [1]', "does not stand"),
        ("“made up” [1]", "does not stand"),
        ("«made up» [1]", "does not stand"),
        ("»made up« [1]", "does not stand"),
        ("‹made up› [1]", "does not stand"),
        ("›made up‹ [1]", "does not stand"),
        ("「made up」 [1]", "does not stand"),
        ('"stop it" and "made up" [1]', "does not stand"),
    ],
)
def test_it_does_not(text, why):
    assert why in checked(text, PASSAGES).wrong


def test_citations_are_named_once_in_order():
    assert checked("[2] a [1; 2] b [1]", PASSAGES).citations == (2, 1)


def test_a_refusal_is_the_phrase_at_the_beginning():
    phrase = "The passages do not say."
    assert refuses("the passages do not say", phrase) and refuses('"The passages do not say." Sorry.', phrase)
    assert not refuses("Yes. The passages do not say.", phrase) and not refuses("", phrase)
    assert not refuses("anything", "…")


def test_folding():
    assert folded(" Ｔhe\u00a0«Café»\u2014e\u0301\u200b ") == 'the "café"-é'
    assert words("Don’t stop: 停止, ok?") == ["don", "t", "stop", "停止", "ok"]


def test_sentences():
    assert sentences("One. Two (see Art. 5 approx. ten)! “Three.” Four\nFive 停止。比赛") == [
        "One.", "Two (see Art. 5 approx. ten)!", "“Three.”", "Four", "Five 停止。", "比赛",
    ]  # fmt: skip


def test_the_best_sentence_of_each_of_three_passages():
    rows = [
        ("", "Nothing here. The clocks stop."),
        ("", "Stop the clocks now. Go."),
        ("", "No."),
        ("", "Stop the clocks!"),
    ]
    found = [(one.number, one.text) for one in quotes("Who may stop the clocks?", rows)]
    assert found == [(1, "The clocks stop."), (2, "Stop the clocks now.")]
    assert [(one.number, one.text) for one in quotes("zebra", rows)] == [(1, "Nothing here.")]
    assert quotes("zebra", []) == [] and quotes("zebra", [("title", " ")]) == []
