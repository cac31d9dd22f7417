"""Questions that a model wrote are refused by every reader of questions that judge."""

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import read_judged, read_unanswerable
from pocketrag.formats.data.exam import read_exam
from pocketrag.formats.data.negations import read_negations
from pocketrag.formats.data.origin import is_synthetic, refuse_synthetic
from tests.conftest import make_data, write_jsonl

MODEL = {"origin": "synthetic"}


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"metadata": {"origin": "synthetic"}}, True),
        ({"origin": " Synthetic "}, True),
        ({"metadata": {"origin": "synthetic", "review": "accepted"}}, True),
        ({"metadata": {"origin": "people"}}, False),
        ({"metadata": None, "origin": None}, False),
        ({"metadata": ["synthetic"], "text": "synthetic"}, False),
    ],
)
def test_what_says_so(record, found):
    assert is_synthetic(record) == found


def test_file_and_line_are_named_and_the_others_counted(tmp_path):
    rows = [{"_id": "a"}, {"_id": "b", "metadata": MODEL}, {"_id": "c", "metadata": MODEL}]
    file = write_jsonl(tmp_path / "queries.jsonl", rows)
    with pytest.raises(
        InputError, match=r'queries.jsonl:2: the `origin` is "synthetic".* So are 1 more lines'
    ):
        refuse_synthetic(file)
    file.write_text('{"_id": "a"}\n[1]\nnot JSON\n')
    refuse_synthetic(file)


def test_judged_questions(tmp_path):
    folder = make_data(tmp_path, passages=3)
    names = [folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    with names[1].open("a") as stream:
        stream.write('{"_id": "s-1", "text": "Who is it?", "metadata": {"origin": "synthetic"}}\n')
    with names[2].open("a") as stream:
        stream.write("s-1\tp000\t1\n")
    with pytest.raises(InputError, match=r"queries.jsonl:7: .* may train and choose, and never judge"):
        read_judged(*names)
    assert len(read_judged(*names, synthetic=True)[1]) == 7


@pytest.mark.parametrize(
    ("read", "row"),
    [
        (read_unanswerable, {"text": "Who?", **MODEL}),
        (read_negations, {"text": "May I?", "negated": "May I not?", **MODEL}),
        (lambda file: read_exam(file, ["p1"]), {"question": "Who?", "unanswerable": True, "metadata": MODEL}),
    ],
)
def test_other_files_that_judge(tmp_path, read, row):
    file = write_jsonl(tmp_path / "asked.jsonl", [row])
    with pytest.raises(InputError, match=r"asked.jsonl:1: .* never judge"):
        read(file)
    write_jsonl(file, [{k: v for k, v in row.items() if k not in ("origin", "metadata")}])
    assert len(read(file)) == 1
