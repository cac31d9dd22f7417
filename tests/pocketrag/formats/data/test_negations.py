"""`data.negations`: pairs of a question and its negation, read strictly."""

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.negations import read_negations


def test_pairs_keep_their_order_and_stand_once(tmp_path):
    file = tmp_path / "n.jsonl"
    file.write_text(
        '{"text": "a", "negated": "not a"}\n\n{"text": "b", "negated": "not b"}\n{"text": "a", "negated": "not a"}\n'
    )
    assert read_negations(file) == [("a", "not a"), ("b", "not b")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ('{"text": "a"}\n["b"]', ":2: expected a JSON object"),
        ('{"text": "a"}', "negated"),
        ('{"text": "a", "negated": "a"}', "the same"),
        ('{"text": "a", "negated": 3}', "negated"),
    ],
)
def test_a_bad_file_is_said_by_line(tmp_path, text, said):
    file = tmp_path / "n.jsonl"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        read_negations(file)
