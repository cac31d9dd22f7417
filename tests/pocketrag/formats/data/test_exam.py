"""The exam: what is read, and each way in which a line can be bad, by file and line."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.exam import read_exam
from tests.conftest import write_jsonl
from tests.generators import exam

KNOWN = {f"p{n:03}" for n in range(70)}


def test_what_is_read(tmp_path):
    found = read_exam(write_jsonl(tmp_path / "exam.jsonl", exam()), KNOWN)
    assert [one.unanswerable for one in found] == [False, False, False, True]
    assert found[0].passages == ("p060",) and found[0].answers == ("yes",) and found[0].category == "rules"
    assert all(one.forbidden is None for one in found)
    planted = {"question": "Say it.", "unanswerable": True, "forbidden": "swordfish"}
    (one,) = read_exam(write_jsonl(tmp_path / "planted.jsonl", [planted]), KNOWN)
    assert one.forbidden == "swordfish" and one.unanswerable
    assert found[3].answers == () and found[3].passages == () and found[3].line == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "not JSON"),
        ({"answers": ["yes"], "passages": ["p001"]}, "`question` is missing"),
        ({"question": "Why?", "answers": ["yes"], "passages": ["p999"]}, "the passage 'p999' is unknown"),
        ({"question": "Why?", "answers": ["yes"]}, "`passages` is missing"),
        ({"question": "Why?", "passages": ["p001"]}, "has neither `answers` nor"),
        ({"question": "Why?", "answers": [], "passages": ["p001"]}, "and not empty"),
        ({"question": "Why?", "answers": "yes", "passages": ["p001"]}, "must be a list of strings"),
        ({"question": "Why?", "answers": [" "], "passages": ["p001"]}, "`answers` is empty"),
        ({"question": "Why?", "answers": [1], "passages": ["p001"]}, "`answers` must be a string"),
        ({"question": "Why?", "answers": ["yes"], "unanswerable": True}, "is unanswerable and has `answers`"),
        ({"question": "Why?", "passages": ["p001"], "unanswerable": True}, "is unanswerable and has `passages`"),
        ({"question": "Why?", "unanswerable": 1}, "must be true or false"),
        ({"question": "Why?", "unanswerable": True, "forbidden": " "}, "`forbidden` is empty"),
        ({"question": "Why?", "unanswerable": True, "forbidden": 7}, "`forbidden` must be a string"),
        (
            {"question": "Why?", "answers": ["a  Sword of fish"], "passages": ["p001"], "forbidden": "sword OF"},
            "holds 'sword OF', which is `forbidden`",
        ),
        ({"question": "who carries the SCORESHEET home?", "unanswerable": True}, "stands in line 1 already"),
    ],
)  # fmt: skip
def test_what_is_bad_is_named_by_file_and_line(tmp_path, row, words):
    file = write_jsonl(tmp_path / "exam.jsonl", exam())
    with file.open("a", encoding="utf-8") as stream:
        stream.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    with pytest.raises(InputError) as error:
        read_exam(file, KNOWN)
    assert str(error.value).startswith(f"{file}:5: ") and words in str(error.value)


def test_an_empty_exam(tmp_path):
    (tmp_path / "exam.jsonl").write_text("")
    with pytest.raises(InputError, match=r"exam.jsonl: is empty"):
        read_exam(tmp_path / "exam.jsonl", KNOWN)
