import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.judgement import grade, header, judgement


@pytest.mark.parametrize(
    ("text", "found"),
    [("1", 1), ("2.0", 2), ("1e0", 1), ("1.000000000000000000e+00", 1), ("2.5E1", 25), ("-1", -1), ("+3", 3)]
    + [(text, None) for text in ("1.5", "1e-1", "x", "", "1e99", "nan", "10000000000")],
)
def test_a_grade_is_a_whole_number_in_any_spelling(text, found):
    assert grade(text) == found


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ("query-id\tcorpus-id\tscore", "q 1\td1\t2"),
        ("corpus-id\tquery-id\tscore", "d1\tq 1\t2"),
        ("\tquery-id\tcorpus-id\tscore", "0\tq 1\td1\t2"),
        ("Unnamed: 0,corpus_id,query_id,relevance", "7,d1,q 1,2e0"),
        ("score;docno;qid", "2;d1;q 1"),
        ("query-id,corpus-id,score", '"q 1",d1,2'),
        ("qid\titer\tdocno\trel", "q 1\t0\td1\t2"),
    ],
)
def test_the_first_line_says_which_column_is_which(first, line):
    assert judgement("x:2", line, header(first)) == ("q 1", "d1", 2)


@pytest.mark.parametrize("line", ["q1\td1\t2", "q1 0 d1 2", "q1 d1 2.0", "q1,d1,2", "q1,0,d1,2"])
def test_without_a_header_the_columns_are_those_of_beir_or_trec(line):
    assert header(line) is None and judgement("x:1", line) == ("q1", "d1", 2)


@pytest.mark.parametrize(
    ("first", "line"), [("a b c", "q1 d1 x 1"), ("query-id\tcorpus-id\tscore", "q1\td1")]
)
def test_a_line_of_another_width_is_named(first, line):
    with pytest.raises(InputError, match="x:2: expected"):
        judgement("x:2", line, header(first))
