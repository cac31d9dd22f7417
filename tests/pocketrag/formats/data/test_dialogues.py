"""Dialogues: both kinds of lines, and each way in which one can be bad, by file and line."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.dialogues import read_dialogues
from tests.conftest import write_jsonl
from tests.generators import dialogues

KNOWN = {f"p{n:03}" for n in range(70)}


def turns(*roles, content="Hello."):
    return {"messages": [{"role": role, "content": f"{content} {n}"} for n, role in enumerate(roles)]}


def test_both_kinds_are_read(tmp_path):
    found = read_dialogues(write_jsonl(tmp_path / "d.jsonl", dialogues()), KNOWN)
    assert len(found) == 24 and [one.line for one in found] == list(range(1, 25))
    whole, asked = found[0], found[1]
    assert [turn.role for turn in whole.turns] == ["system", "user", "assistant", "user", "assistant"]
    assert len(whole.asked) == 2 and whole.passages == ("p000",) and whole.question is None
    assert asked.question and asked.answer is None and not asked.turns
    assert found[3].answer == "The bishop waits. [1]"


def test_a_category_is_kept_and_an_answer_loses_its_outer_white_space(tmp_path):
    rows = [{**turns("user", "assistant"), "category": "rules"}]
    rows[0]["messages"][1]["content"] = "\n Yes. \n"
    (found,) = read_dialogues(write_jsonl(tmp_path / "d.jsonl", rows), KNOWN)
    assert found.category == "rules" and found.turns[1].content == "Yes."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "not JSON"),
        ("[]", "expected a JSON object"),
        ({}, "needs either `messages`"),
        ({**turns("user", "assistant"), "question": "?"}, "needs either `messages`"),
        ({"messages": []}, "not empty"),
        ({"messages": "Hello."}, "must be a list of turns"),
        ({"messages": ["Hello."]}, "turn 1: must be an object"),
        (turns("user", "user", "assistant"), "the roles are user user assistant"),
        (turns("assistant", "user"), "the roles are assistant user"),
        (turns("user", "assistant", "user"), "an assistant's last"),
        (turns("system", "assistant"), "the roles are system assistant"),
        (turns("user", "system", "assistant"), "the roles are user system assistant"),
        (turns("system", "user"), "has no assistant turn"),
        (turns("user", "tool"), "turn 2: the role 'tool' is none of"),
        ({"messages": [{"role": "user", "content": " "}]}, "turn 1: `content` is empty"),
        ({"messages": [{"role": "user"}]}, "turn 1: `content` is missing"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "?"}]}]}, "must be a string"),
        ({"messages": [{"role": "user", "content": "?", "tool_calls": []}]}, "holds `tool_calls`"),
        ({**turns("user", "assistant"), "passages": ["p999"]}, "the passage 'p999' is unknown"),
        ({**turns("user", "assistant"), "passages": "p001"}, "must be a list of corpus ids"),
        ({**turns("user", "assistant"), "passages": ["p001", "p001"]}, "names an id twice"),
        ({**turns("user", "assistant"), "category": ""}, "`category` is empty"),
        ({"question": "Why?", "answer": "So."}, "needs `passages`"),
        ({"question": " ", "answer": "So.", "passages": ["p001"]}, "`question` is empty"),
        ({"question": "Why?", "passages": ["p001"]}, "either `answer` or"),
        ({"question": "Why?", "passages": ["p001"], "answer": " "}, "`answer` is empty"),
        ({"question": "Why?", "passages": ["p001"], "answer": "So.", "unanswerable": True}, "either `answer` or"),
        ({"question": "Why?", "passages": ["p001"], "unanswerable": "yes"}, "must be true or false"),
    ],
)  # fmt: skip
def test_what_is_bad_is_named_by_file_and_line(tmp_path, row, words):
    file = write_jsonl(tmp_path / "d.jsonl", dialogues(4))
    with file.open("a", encoding="utf-8") as stream:
        stream.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    with pytest.raises(InputError) as error:
        read_dialogues(file, KNOWN)
    assert str(error.value).startswith(f"{file}:5: ") and words in str(error.value)


def test_the_same_dialogue_twice_and_no_dialogue(tmp_path):
    rows = [turns("user", "assistant"), turns("user", "assistant", content="HELLO.")]
    with pytest.raises(InputError, match=r"d.jsonl:2: the same dialogue stands in line 1 already"):
        read_dialogues(write_jsonl(tmp_path / "d.jsonl", rows), KNOWN)
    (tmp_path / "e.jsonl").write_text("\n")
    with pytest.raises(InputError, match=r"e.jsonl: is empty"):
        read_dialogues(tmp_path / "e.jsonl", KNOWN)


def test_all_faults_are_named_at_once(tmp_path):
    rows = [turns("user"), turns("user", "assistant"), turns("assistant")]
    with pytest.raises(InputError) as error:
        read_dialogues(write_jsonl(tmp_path / "d.jsonl", rows), KNOWN)
    assert len(str(error.value).splitlines()) == 2
