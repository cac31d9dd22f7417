"""However a model dresses up its questions, they come out alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.synthetic.model_reply import questions_in

TWO = ["Who stops the clock?", "When may I go home?"]


@pytest.mark.parametrize(
    "reply",
    [
        "Who stops the clock?\nWhen may I go home?",
        "1. Who stops the clock?\n2. When may I go home?",
        "(1) Who stops the clock?\r\n\r\n2) When may I go home?",
        "- Who stops the clock?\n* When may I go home?",
        "1. **Who stops the clock?**\n2. __When may I go home?__",
        '"Who stops the clock?"\n“When may I go home?”',
        "1. „Who stops the clock?“\n2. « When may I go home? »",
        "Question 1: Who stops the clock?\nQ2. When may I go home?",
        "Q: Who stops the clock? A: The arbiter does.\nQ: When may I go home? (Answer: at noon)",
        "1. Who stops the clock? 2. When may I go home?",
        json.dumps(TWO),
        json.dumps({"questions": TWO}),
        json.dumps([{"question": TWO[0], "answer": "the arbiter?"}, {"question": TWO[1]}]),
        json.dumps({"1": TWO[0], "2": TWO[1]}),
        f"```json\n{json.dumps(TWO, indent=1)}\n```",
        "\n".join(json.dumps({"query": one}) for one in TWO),
        '"Who stops the clock?",\n"When may I go home?",',
        "<think>Which ones? Maybe two?</think>\nWho stops the clock?\nWhen may I go home?",
        "Who\u200b stops the  clock?\x07\n\u2022 When may I go home?",
    ],
)
def test_two_questions_come_out(reply):
    assert questions_in(reply) == TWO


@pytest.mark.parametrize(
    "reply", ["", "  \n", "<think>Where do I", "```\n```", "[]", "{}", "null"[:0], '[1, null, {"a": 2}]']
)
def test_nothing_comes_out_of_nothing(reply):
    assert questions_in(reply) == []


def test_numbers_that_are_no_numbering_stay():
    assert questions_in("3.5 points are how many wins?\n10:30 is when?") == [
        "3.5 points are how many wins?",
        "10:30 is when?",
    ]


def test_a_preamble_is_a_line_too_and_half_a_character_is_no_fault():
    assert questions_in("Sure! Here you are:\n- Why \ud800?") == ["Sure! Here you are:", "Why \ufffd?"]


@given(st.text())
def test_any_text_gives_clean_lines(reply):
    for line in questions_in(reply):
        assert line and line == line.strip() and "\n" not in line
        line.encode("utf-8")
