"""The French corpus on the real model: `make test-real EMBEDDINGGEMMA=DIR`, half an hour on two cores the first time."""

import json

import numpy as np
import pytest

import pocketrag
from pocketrag.formats.data import beir
from pocketrag.reference import metrics
from pocketrag.runtime import ranking
from tests.conftest import ROOT, cli
from tests.pocketrag.runtime.second_search import Reference

pytestmark = pytest.mark.real
RECIPE = ROOT / "recipes" / "arbiter_fr_balanced.toml"
DATA = ROOT.parent / "shared" / "data" / "arbiter_fr"


@pytest.fixture(scope="module")
def built(embeddinggemma) -> dict:
    """The bundle, in place, and what `build` said of it; unchanged stages are not made again."""
    if not DATA.is_dir():
        pytest.skip(f"the corpus of {RECIPE.name} is not here")
    done = cli("build", RECIPE, "--base", embeddinggemma, "--json", cwd=ROOT, timeout=7200)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def rag(built):
    with pocketrag.open(ROOT / built["bundle"]) as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(rag):
    _, questions, judged = beir.read_judged(
        *(DATA / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"))
    )
    return questions, judged, {q.id: rag.embed(q.text) for q in questions}


def test_bytes_cost_no_quality(rag, asked):
    """int8 vectors against the float32 ones they were made of, asked by the same questions' vectors."""
    questions, judged, vectors = asked
    ids = [p.id for p in beir.read_corpus(DATA / "corpus.jsonl")]
    whole = np.load(ROOT / "work" / "arbiter_fr_balanced" / "index-base" / "embeddings.npy")
    float32 = {q: ranking.dense_float(vector, ids, whole, ranking.DEPTH) for q, vector in vectors.items()}
    int8 = {q: rag.nearest(vector, ranking.DEPTH) for q, vector in vectors.items()}
    scores = [metrics.means(metrics.score(run, judged)).ndcg_10 for run in (float32, int8)]
    print(f"nDCG@10 of {len(questions)} questions: float32 {scores[0]}, int8 {scores[1]}")  # noqa: T201
    assert abs(scores[0] - scores[1]) <= 0.005


def test_fusion_wins_on_questions_that_did_not_choose_it(built):
    found = built["stages"]["index"]["fusion"]
    print(json.dumps(found, indent=1))  # noqa: T201
    assert found["mode"] == "hybrid" and found["against_dense"]["verdict"] == "WIN"
    assert found["against_dense"]["difference"] >= 0.02 and found["n"] == 80


@pytest.mark.parametrize("mode", ["dense", "bm25", "hybrid"])
def test_the_first_ten_are_those_of_the_reference(rag, asked, mode):
    file, fusion = rag.database.file, rag.fusion
    stems = dict(rag.database.rows("SELECT word, stem FROM words WHERE stem IS NOT NULL"))
    reference = Reference(file, lambda word: stems.get(word, word))
    for question in asked[0]:
        dense, lexical = reference.dense(asked[2][question.id]), reference.bm25(question.text)
        joined = getattr(reference, fusion.fusion)(dense, lexical, fusion.dense_weight)
        wanted = {"dense": dense, "bm25": lexical, "hybrid": joined}[mode]
        found = rag.search(question.text, mode=mode)
        assert [hit.id for hit in found] == [id_ for id_, _ in wanted[:10]], question.text
