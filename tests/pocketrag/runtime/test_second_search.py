"""The first ten of every question of the tiny corpus, in every mode, as a second implementation finds them."""

import json
import shutil

import pytest
import snowballstemmer

import pocketrag
from pocketrag.formats.data.beir import Passage, read_corpus, read_questions
from tests.bench.damage import edit_json, put_digests_right
from tests.pocketrag.runtime import languages
from tests.pocketrag.runtime.second_search import Reference
from tests.pocketrag.runtime.variants import with_passages

CODES = (
    "AB-12/3.4", "v2.10.1", "2024-03-01", "max_retry_count", "a.b.tar.gz", "10.0.0.1", "§ 12 (3)", "12(3)(b)", "+49 30 123456",
    "(555) 123-4567", "5,5mm", "5×20", "C++", "C#", "someone@example.org", "١٢٫٣٫٤", "iPhone™", "①Press", "stop🛑now", "6.11.4",
    "第3条第2項", "第2条第3項", "2024年5月6日", "제12조제3항", "มาตรา 12 วรรค 3", "§ 12 Abs. 3", "arr[3][5]", "6. Mai 2024", "12 000 kg", "13.000", "AB-1234", "AB 1235",
    "M8x20", "20m²", "10kΩ", "3½ 3 1/2", "Satz¹ 10²", "978-3-16-148410-0", "14 a", "盐",
)  # fmt: skip


def same(answer, wanted):
    """The same passages in the same order, and scores that differ by no more than the order of additions costs."""
    return [h.id for h in answer] == [id_ for id_, _ in wanted[:10]] and [
        h.score for h in answer
    ] == pytest.approx([score for _, score in wanted[:10]], abs=1e-6)


@pytest.fixture(scope="module")
def questions(tiny_built):
    return [q.text for q in read_questions(tiny_built / "queries.jsonl")]


@pytest.mark.parametrize("fusion", ["scores", "ranks"])
def test_all_modes(tiny_built, questions, tmp_path, fusion):
    bundle = shutil.copytree(tiny_built / "out" / "tiny", tmp_path / "tiny")
    edit_json(
        bundle / "manifest.json",
        lambda m: m["encoders"][0]["fusion"].update(fusion=fusion, dense_weight=0.35),
    )
    put_digests_right(bundle)
    reference, moved = Reference(bundle / "corpus.db"), 0
    with pocketrag.open(bundle) as rag:
        found = {mode: rag.search_many(questions, mode=mode) for mode in ("dense", "bm25", "hybrid")}
        for n, question in enumerate(questions):
            dense, lexical = reference.dense(rag.embed(question)), reference.bm25(question)
            joined = getattr(reference, fusion)(dense, lexical, 0.35)
            for mode, wanted in (("dense", dense), ("bm25", lexical), ("hybrid", joined)):
                assert same(found[mode][n], wanted), (question, mode)
            moved += len({tuple(id_ for id_, _ in rows[:10]) for rows in (dense, lexical, joined)}) == 3
    assert len(questions) == 140 and moved > 70  # the three modes are three rankings


def test_ranks_within_the_lists_are_those_of_the_lists(tiny_built, questions):
    reference = Reference(tiny_built / "out" / "tiny" / "corpus.db")
    with pocketrag.open(tiny_built / "out" / "tiny") as rag:
        for question in questions[::10]:
            lists = reference.dense(rag.embed(question))[:100], reference.bm25(question)[:100]
            dense, lexical = ({id_: n for n, (id_, _) in enumerate(rows, start=1)} for rows in lists)
            for hit in rag.search(question, mode="hybrid"):
                assert (hit.dense_rank, hit.bm25_rank) == (dense.get(hit.id), lexical.get(hit.id))


def test_full_text_with_stems(tiny_built, questions, tmp_path):
    passages = read_corpus(tiny_built / "corpus.jsonl")
    unseen = ("kings", "clocks", "bishops", "waiting", "claimed")  # by the passages; their stems are not
    bundle = with_passages(
        tiny_built / "out" / "tiny", tmp_path / "stems", passages, language="en", others=unseen
    )
    reference = Reference(bundle / "corpus.db", snowballstemmer.stemmer("english").stemWord)
    with pocketrag.open(bundle) as rag:
        for question in [*questions, *(f"was {word} by any board" for word in unseen)]:
            found = rag.search(question, mode="bm25")
            assert found.hits and same(found, reference.bm25(question)), question


def test_full_text_of_names_and_of_eleven_languages(tiny_built, tmp_path):
    """Names as phrases, folding, and scripts without spaces, each by code that shares nothing with the one that is tested."""
    passages, asked = [], [*CODES]
    for language in languages.SETS:
        there, those = languages.of(language)
        passages += [Passage(f"{language}-{p.id}", p.title, p.text, {}) for p in there]
        asked += [q.text for q in those]
    passages += [
        Passage(f"n{n}", f"Rule {n}", f"It says {text}; see {n}.{n + 1}-{n}.", {})
        for n, text in enumerate(CODES)
    ]
    bundle = with_passages(tiny_built / "out" / "tiny", tmp_path / "names", passages)
    reference, first = Reference(bundle / "corpus.db"), 0
    with pocketrag.open(bundle) as rag:
        for question in asked:
            found = rag.search(question, mode="bm25")
            assert same(found, reference.bm25(question)), question
            first += bool(found.hits) and found[0].id == f"n{asked.index(question)}"
    assert len(asked) == 370 and first == len(CODES)


def test_golden_rankings_are_the_references(tiny_built):
    """What the bundle gives an app to prove itself by was not only found by the code that is proved."""
    bundle = tiny_built / "out" / "tiny"
    reference = Reference(bundle / "corpus.db")
    weight = json.loads((bundle / "manifest.json").read_text())["encoders"][0]["fusion"]["dense_weight"]
    texts = [t for t in json.loads((bundle / "golden.json").read_text())["texts"] if t["question"]]
    with pocketrag.open(bundle) as rag:
        for text in texts:
            dense, lexical = reference.dense(rag.embed(text["question"])), reference.bm25(text["question"])
            wanted = {"dense": dense, "bm25": lexical, "hybrid": reference.scores(dense, lexical, weight)}
            assert text["top"] == {mode: [id_ for id_, _ in rows[:10]] for mode, rows in wanted.items()}
