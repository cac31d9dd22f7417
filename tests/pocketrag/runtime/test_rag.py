"""`pocketrag.open` and what a search returns: typed results, defaults of the bundle, thresholds, and what happens without a model."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, read_questions
from pocketrag.runtime.litert import Compiled
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import cli
from tests.pocketrag.runtime.variants import without_model

QUESTION = "what moves if king 0 meets queen ?"


@pytest.fixture(scope="module")
def whole(tiny_built):
    return tiny_built / "out" / "tiny"


@pytest.fixture(scope="module")
def rag(whole):
    with pocketrag.open(whole) as opened:
        yield opened


@pytest.fixture(scope="module")
def modelless(whole, tmp_path_factory):
    return without_model(whole, tmp_path_factory.mktemp("modelless") / "tiny")


def test_a_hit_is_the_passage_as_the_corpus_has_it(rag):
    answer = rag.search(QUESTION, limit=3)
    hit = answer[0]
    assert [h.rank for h in answer] == [1, 2, 3] and len(answer) == 3 and list(answer) == list(answer.hits)
    assert hit.passage == Passage(hit.id, hit.title, hit.text, {"source": "rules", "page": hit.page})
    assert (
        hit.source == "rules" and hit.corpus == "tiny" and hit.parent is None and hit.id == f"p{hit.n - 1:03}"
    )
    assert hit.page == (hit.n - 1) // 3 + 1 and isinstance(hit.score, float)


def test_ranks_are_there_only_where_a_list_played_a_part(rag):
    dense, lexical, hybrid = (rag.search(QUESTION, mode=mode) for mode in ("dense", "bm25", "hybrid"))
    assert all(h.dense_rank == h.rank and h.bm25_rank is None for h in dense)
    assert all(h.bm25_rank == h.rank and h.dense_rank is None for h in lexical)
    # Every passage has a place by its vector; by full text only those that hold a word of the question.
    assert all(h.dense_rank for h in hybrid) and {h.bm25_rank for h in hybrid} >= {1}
    assert dense.best == dense[0].score and lexical.best is None and hybrid.best == dense.best


def test_search_many_is_search(rag, tiny_built):
    questions = [q.text for q in read_questions(tiny_built / "queries.jsonl")][:40]
    for options in (
        {},
        {"mode": "dense", "limit": 3},
        {"mode": "bm25"},
        {"threshold": 0.5, "where": {"page": [1, 2]}},
    ):
        assert rag.search_many(questions, **options) == [rag.search(q, **options) for q in questions]
    assert rag.search_many([]) == []


@pytest.mark.parametrize(("question", "limit"), [("", 10), (" \n", 10), (QUESTION, 0), (QUESTION, -1)])
def test_empty_questions_and_limits_are_refused(rag, question, limit):
    for search in (rag.search, lambda q, n: rag.search_many([q], n)):
        with pytest.raises(InputError, match=r"the question is empty|limit"):
            search(question, limit)


@pytest.mark.parametrize("question", ["?!", "\x00", "\ud800", "🙂 مرحبا", "king " * 3000, '" OR title:*'])
def test_any_question_has_an_answer(rag, question):
    for mode in ("dense", "hybrid"):
        assert len(rag.search(question, mode=mode)) == 10
    assert len(rag.search(question, mode="bm25")) <= 10


def test_more_hits_than_passages(rag):
    assert len(rag.search(QUESTION, limit=1000, mode="dense")) == 70
    assert {h.id for h in rag.search(QUESTION, limit=1000)} == {f"p{n:03}" for n in range(70)}


ABSTENTION = {
    "score": "dense", "threshold": 0.9, "rate": 0.05, "auroc": 0.5, "auroc_interval": [0.4, 0.6],
    "false_abstention": {"share": 0.05, "interval": [0.0, 0.1], "n": 10}, "caught": {"share": 0.5, "interval": [0.4, 0.6], "n": 10},
    "answerable": {"n": 10, "quantiles": {}}, "unanswerable": {"n": 10, "quantiles": {}},
}  # fmt: skip


def test_mode_and_threshold_are_the_bundles_unless_a_search_says_otherwise(whole, tmp_path):
    bundle = shutil.copytree(whole, tmp_path / "tiny")
    edit_json(
        bundle / "manifest.json",
        lambda m: (
            m["encoders"][0]["fusion"].update(mode="dense"),
            m["encoders"][0].update(abstention=ABSTENTION),
        ),
    )
    put_digests_right(bundle)
    with pocketrag.open(bundle) as rag:
        answer = rag.search(QUESTION)
        assert answer.mode == "dense" and answer.threshold == 0.9 and answer.abstain == (answer.best < 0.9)
        best = answer.best
        below, at, above = (rag.search(QUESTION, threshold=best + step) for step in (0.001, 0, -0.001))
        assert below.abstain and not at.abstain and not above.abstain and below.hits == at.hits == answer.hits
        # Without vectors there is no cosine to judge by.
        assert not rag.search(QUESTION, mode="bm25", threshold=2.0).abstain
        assert rag.search(QUESTION, mode="hybrid", threshold=2.0).abstain


def test_without_a_threshold_nothing_abstains(rag):
    answer = rag.search(QUESTION)
    assert answer.mode == "hybrid" and answer.threshold is None and not answer.abstain


def test_a_model_that_does_not_open_leaves_full_text(modelless, rag):
    with pocketrag.open(modelless) as broken:
        for mode in (None, "dense", "hybrid"):
            answer = broken.search(QUESTION, mode=mode, threshold=0.9)
            assert (
                answer.mode == "bm25"
                and "embedder.tflite" in answer.fell_back
                and "full text" in answer.fell_back
            )
            assert answer.hits == rag.search(QUESTION, mode="bm25").hits and not answer.abstain
            assert broken.search_many([QUESTION], mode=mode, threshold=0.9) == [answer]
        assert broken.search(QUESTION, mode="bm25").fell_back is None  # nobody asked for vectors
        with pytest.raises(InputError, match=r"embedder\.tflite"):
            broken.embed(QUESTION)


def test_a_model_that_fails_while_embedding_leaves_full_text(whole, rag, monkeypatch):
    wanted = rag.search(QUESTION, mode="bm25").hits
    with pocketrag.open(whole) as breaking:

        def fail(*_):
            raise RuntimeError("no memory on this phone")

        monkeypatch.setattr(Compiled, "__call__", fail)
        answer = breaking.search(QUESTION)
        assert (
            answer.mode == "bm25" and "no memory on this phone" in answer.fell_back and answer.hits == wanted
        )
        assert breaking.search_many([QUESTION]) == [answer]
        monkeypatch.undo()
        assert breaking.search(QUESTION).fell_back is None  # the next one may work again


@pytest.mark.parametrize("number", [0.0, float("nan"), float("inf")])
def test_a_model_that_gives_no_vector_leaves_full_text(whole, rag, monkeypatch, number):
    monkeypatch.setattr(Compiled, "__call__", lambda *_: np.full(32, number, np.float32))
    answer = rag.search(QUESTION)
    assert answer.mode == "bm25" and "NaN, infinity or zeros" in answer.fell_back and len(answer) == 10
    assert rag.search_many([QUESTION]) == [answer]


def test_the_command_line_says_that_it_fell_back(modelless, rag, whole, monkeypatch, capfd):
    wanted = [dataclasses.asdict(h) for h in rag.search(QUESTION, 5, mode="bm25")]
    done = cli("search", modelless, QUESTION, "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 0 and facts["mode"] == "bm25" and "embedder.tflite" in facts["fell_back"]
    assert facts["hits"] == wanted and facts["best"] is None and not facts["abstain"]
    assert main(["search", str(modelless), QUESTION]) == 0
    said = capfd.readouterr().out
    assert "(bm25)" in said and "full text alone answered" in said and wanted[0]["text"] in said
    monkeypatch.setattr(Compiled, "__call__", lambda *_: 1 / 0)
    assert main(["search", str(whole), QUESTION, "--json"]) == 0
    assert "division by zero" in json.loads(capfd.readouterr().out)["fell_back"]


def test_the_command_line_says_that_it_abstains(whole, capfd):
    assert main(["search", str(whole), QUESTION, "--threshold", "2"]) == 0
    assert "Probably not in this corpus" in capfd.readouterr().out
    assert main(["search", str(whole), QUESTION, "--threshold", "2", "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["abstain"] and facts["threshold"] == 2 and facts["best"] < 2 and facts["fell_back"] is None


def test_a_closed_bundle_is_closed(whole):
    rag = pocketrag.open(whole)
    rag.close()
    with pytest.raises(InputError):
        rag.search(QUESTION)


@pytest.mark.parametrize("mode", ["dense", "hybrid", "bm25"])
def test_a_hit_s_cosine_is_that_of_the_vectors_alone(mode, whole, capfd):
    with pocketrag.open(whole) as rag:
        near = {hit.id: hit.score for hit in rag.search(QUESTION, 100, mode="dense")}
        hits = rag.search(QUESTION, 5, mode=mode).hits
    assert [hit.cosine for hit in hits] == [None if mode == "bm25" else near.get(hit.id) for hit in hits]
    assert main(["search", str(whole), QUESTION, "--mode", mode, "-k", "1"]) == 0
    said = capfd.readouterr().out
    assert (f"cosine {near[hits[0].id]:.3f}" in said) == (mode != "bm25")
    assert ("full text 1." in said) == (mode == "bm25" or (hits[0].bm25_rank == 1 and mode == "hybrid"))
