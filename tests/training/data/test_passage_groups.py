from hypothesis import given
from hypothesis import strategies as st
from pocketrag.training.data.passage_groups import split_by_passage

from pocketrag.formats.data.beir import Question

QRELS = st.lists(st.sets(st.integers(0, 60), min_size=1, max_size=2), min_size=30, max_size=200)


@given(QRELS, st.integers(0, 1000))
def test_no_passage_stands_on_both_sides(rows, seed):
    questions = [Question(f"q{i}", f"text {i}") for i in range(len(rows))]
    qrels = {q.id: {f"p{p}": 1 for p in row} for q, row in zip(questions, rows, strict=True)}
    kept, held = split_by_passage(questions, qrels, seed, "test")
    assert sorted(q.id for q in kept + held) == sorted(q.id for q in questions)
    assert not {p for q in kept for p in qrels[q.id]} & {p for q in held for p in qrels[q.id]}
    assert split_by_passage(questions[::-1], qrels, seed, "test")[1][::-1] == held


def test_the_share_is_80_to_20():
    questions = [Question(f"q{i}", f"text {i}") for i in range(500)]
    qrels = {q.id: {f"p{i // 3}": 1} for i, q in enumerate(questions)}
    _, held = split_by_passage(questions, qrels, 1, "test")
    assert 95 <= len(held) <= 105


def test_equal_texts_stay_together():
    questions = [Question(f"q{i}", "the same text") for i in range(50)]
    kept, held = split_by_passage(questions, {q.id: {q.id: 1} for q in questions}, 1, "test")
    assert not kept or not held
