import numpy as np
import pytest
from pocketrag.bench.quality import runs

from pocketrag.formats.data.beir import Passage, Question

PASSAGES = [Passage("a", "", "a"), Passage("b", "", "b"), Passage("c", "", "c")]
QUESTIONS = [Question("q1", "?"), Question("q2", "?")]
JUDGED = {"q1": {"a": 1, "b": 2, "c": 0}, "q2": {"c": 1}}


def test_similarity_is_the_mean_cosine_with_the_relevant_passages():
    documents = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    asked = np.array([[0.8, 0.6], [0, 1]], np.float32)
    run, similarity = runs.rank_vectors(asked, documents, QUESTIONS, PASSAGES, JUDGED)
    assert [id_ for id_, _ in run["q1"]] == ["c", "a", "b"] and [id_ for id_, _ in run["q2"]] == [
        "b",
        "c",
        "a",
    ]
    assert similarity == pytest.approx({"q1": (0.8 + 0.6) / 2, "q2": 0.8})
    assert runs.best(run) == pytest.approx([0.96, 1.0])


def test_a_passage_that_is_the_question_is_not_ranked():
    documents = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    asked = np.array([[0.8, 0.6], [0, 1]], np.float32)
    questions = [Question("q1", "?", equal=("c",)), QUESTIONS[1]]
    run, _ = runs.rank_vectors(asked, documents, questions, PASSAGES, JUDGED)
    assert [id_ for id_, _ in run["q1"]] == ["a", "b"] and [id_ for id_, _ in run["q2"]] == ["b", "c", "a"]


def test_as_shipped_it_is_the_score_that_the_app_gets(tiny_bundle):
    from pocketrag.runtime.rag import open_bundle

    with open_bundle(tiny_bundle) as rag:
        first, last = rag.database.ids[0], rag.database.ids[-1]
        run, similarity = runs.rank_shipped(
            rag, [Question("q", "what moves if king 3 meets pawn ?")], {"q": {first: 1, last: 1}}
        )
        hits = {
            hit.id: hit.score for hit in rag.search("what moves if king 3 meets pawn ?", 70, mode="dense")
        }
    assert run["q"] == list(hits.items())
    assert similarity["q"] == pytest.approx((hits[first] + hits[last]) / 2)


def test_as_shipped_a_passage_that_is_the_question_is_not_ranked(tiny_bundle):
    from pocketrag.bench.quality.shipped import rag_run

    from pocketrag.runtime.rag import open_bundle

    with open_bundle(tiny_bundle) as rag:
        passage = rag.database.passage("p003")
        asked = [Question("q", passage["text"], equal=("p003",)), Question("other", passage["text"])]
        for mode in ("bm25", "hybrid"):
            run = rag_run(rag, asked, mode)
            assert run["other"][0][0] == "p003" and "p003" not in dict(run["q"])
        run, _ = runs.rank_shipped(rag, asked, {"q": {"p001": 1}, "other": {"p001": 1}})
        assert "p003" in dict(run["other"]) and "p003" not in dict(run["q"])
