"""What may train: nothing that the exam asks, nothing about its passages, and no passage on two sides."""

from pathlib import Path

import pytest
from pocketrag.training.generator.select_dialogues import (
    JUDGED,
    QUOTES,
    hold_out,
    refuse_asked,
    without_judged,
)

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.data.dialogues import Dialogue, Turn
from pocketrag.formats.data.exam import ExamQuestion

TEXT = "Whoever leaves the hall during a game tells the arbiter first, and comes back before the flag falls."
PASSAGES = [
    Passage("a", "", TEXT),
    Passage("b", "", f"{TEXT} So says the handbook."),
    *(Passage(f"p{n}", "", f"Rule {n * 7919} is about {'xyzuvw'[n % 6] * (n + 3)} and nothing else.") for n in range(20)),
]  # fmt: skip
EXAM = [
    ExamQuestion(1, "May a player leave the hall during a game?", ("yes",), ("a",)),
    ExamQuestion(2, "Why?", ("so",), ("p19",)),
]
FILES = Path("d.jsonl"), Path("exam.jsonl")


def asked(text, line=3):
    return Dialogue(line, (Turn("user", text), Turn("assistant", "Yes.")))


@pytest.mark.parametrize(
    "text",
    [
        "May a player leave the hall during a game?",
        "may a  player LEAVE the hall during a game?",
        "May the player leave the hall during a game?",
        "Here are the rules. Whoever asks is told. May a player leave the hall during a game? Answer in one word, and say so before noon, please.",
        "why?",
    ],
)  # fmt: skip
def test_a_dialogue_that_asks_an_exam_question_is_named_with_it(text):
    with pytest.raises(InputError, match=r"d.jsonl:3: holds an exam question, exam.jsonl:[12]"):
        refuse_asked(FILES[0], [asked("Something else?", 2), asked(text)], FILES[1], EXAM)


def test_a_question_of_the_other_kind_too():
    with pytest.raises(InputError, match=r"d.jsonl:9: holds an exam question, exam.jsonl:2"):
        refuse_asked(FILES[0], [Dialogue(9, question="Why?", passages=("p1",))], FILES[1], EXAM)


@pytest.mark.parametrize("role", ["system", "assistant"])
def test_whoever_says_it(role):
    text = "As people ask: may a player leave the hall during a game? He may."
    turns = (Turn("system", "Be brief."), Turn("user", "And?"), Turn("assistant", "Well."))
    said = tuple(Turn(role, text) if turn.role == role else turn for turn in turns)
    with pytest.raises(InputError, match=r"d.jsonl:3: holds an exam question, exam.jsonl:1"):
        refuse_asked(FILES[0], [Dialogue(3, said)], FILES[1], EXAM)


@pytest.mark.parametrize(
    "text", ["Is there tea in the hall?", "I wonder why? Tell me about the second round."]
)
def test_other_questions_may_train(text):
    refuse_asked(FILES[0], [asked(text)], FILES[1], EXAM)


def test_dialogues_about_the_exam_s_passages_are_left_out():
    quoting = Dialogue(4, (Turn("user", f"It says: {TEXT} Is that so?"), Turn("assistant", "Yes.")))
    rows = [
        Dialogue(n, question=f"q{n}", answer="x", passages=(id_,))
        for n, id_ in ((1, "a"), (2, "b"), (3, "p1"))
    ]
    kept, left_out = without_judged([*rows, quoting], EXAM, PASSAGES)
    # "b" repeats "a" and goes with it.
    assert [one.line for one in kept] == [3] and left_out == {JUDGED: 2, QUOTES: 1}


def test_no_passage_stands_on_two_sides():
    rows = [Dialogue(n, question=f"question {n}", answer="x", passages=(f"p{n // 2}",)) for n in range(40)]
    found = hold_out(FILES[0], rows, 17)
    sides = [{id_ for one in side for id_ in one.passages} for side in (found.train, found.held_out)]
    assert len(found.train) + len(found.held_out) == 40 and 6 <= len(found.held_out) <= 10
    assert not sides[0] & sides[1]
    assert hold_out(FILES[0], rows[::-1], 17).held_out == found.held_out[::-1]


def test_too_few_are_named():
    rows = [Dialogue(n, question=f"question {n}", answer="x", passages=("p1",)) for n in range(40)]
    with pytest.raises(
        InputError,
        match=r"d.jsonl: 40 dialogues are left to learn from, 40 of which would train and 0 stop the training",
    ):
        hold_out(FILES[0], rows, 17)
