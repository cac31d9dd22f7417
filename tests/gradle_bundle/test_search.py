"""The Kotlin runtime finds what the Python runtime finds: every mode, filters, context, several bundles, sqlite-vec, no model."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import sqlite_vec

import pocketrag
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.golden import pack
from tests.gradle_bundle import jvm
from tests.pocketrag.runtime.test_context import PASSAGES as SECTIONS
from tests.pocketrag.runtime.test_filters import METADATA, ODD
from tests.pocketrag.runtime.test_nothing import CASES
from tests.pocketrag.runtime.test_nothing import PASSAGES as NOTHING
from tests.pocketrag.runtime.variants import with_passages

pytestmark = pytest.mark.usefixtures("kotlin")

MODES = ("dense", "bm25", "hybrid")
ODDITIES = (
    'AND OR NOT NEAR("king queen", 2)', "* ^ - + : {title} : king", "king\x00queen", "\ud800 king", "🙂 king 🇫🇷", "מלך king ملك",
    "the \"king\" 'falls'", "KÍNG roòk", "  \u3000king\x85 ", "{question} {text} king", "king " * 300, "?", "$1 \\1 king %s",
)  # fmt: skip


def questions_of(bundle):
    golden = json.loads((bundle / "golden.json").read_text())["texts"]
    return [t["question"] for t in golden if t["question"]] + [
        t["prompted"][:400] for t in golden if not t["question"]
    ]


def same(found, answer):
    """Equal in all but the last bits of BM25's floats, which SQLite computes, not we."""
    assert [h["id"] for h in found["hits"]] == [h.id for h in answer.hits], answer.question
    for row, hit in zip(found["hits"], answer.hits, strict=True):
        wanted = {key: value for key, value in asdict(hit).items() if value is not None}
        cosine, score = row.pop("cosine", None), row.pop("score")
        assert cosine == pytest.approx(wanted.pop("cosine", None), abs=1e-6)
        assert score == pytest.approx(wanted.pop("score"), rel=1e-12, abs=1e-12)
        assert (cosine is None) == ("dense_rank" not in row)
        assert row.get("dense_rank") != 1 or cosine == answer.best
        assert answer.mode != "dense" or cosine == score
        assert row == wanted
    assert (
        found["mode"] == answer.mode
        and found.get("best") == answer.best
        and found["abstain"] == answer.abstain
    )
    assert found.get("nothing") == answer.nothing and (answer.nothing is None) == bool(answer.hits)
    assert found.get("threshold") == answer.threshold and ("fell_back" in found) == (
        answer.fell_back is not None
    )


def compare(folders, requests, **more):
    """Ask both runtimes the same, and compare answers and contexts."""
    with pocketrag.open(*folders) as rag:
        asked = jvm.vectors(rag, [r["question"] for r in requests])
        (found,) = jvm.run(("search", {"folders": folders, "requests": requests, **asked, **more}))
        assert len(found) == len(requests)
        for request, row in zip(requests, found, strict=True):
            tokens = request.pop("tokens", None)
            assert "hits" in row, (request, row)
            answer = rag.search(**request)
            same(row, answer)
            if tokens:
                blocks = [
                    {k: v for k, v in asdict(b).items() if v is not None} for b in rag.context(answer, tokens)
                ]
                assert row["blocks"] == json.loads(json.dumps(blocks))
    return found


def everything(bundle):
    """Every golden question and odd text, in every mode, shallow and deep, some with a context."""
    texts = [*questions_of(bundle), *ODDITIES]
    rows = [
        {"question": text, "mode": mode, "limit": (10, 1, 250)[n % 3]}
        for n, text in enumerate(texts)
        for mode in MODES
    ]
    return rows + [
        {"question": text, "tokens": (60, 300, 2000)[n % 3], "threshold": (0.5, 0.999)[n % 2]}
        for n, text in enumerate(texts)
    ]


def test_the_tiny_bundle(tiny_bundle):
    rows = everything(tiny_bundle)
    rows += [
        {"question": "what falls if queen 1 ?", "mode": m, "where": {"page": [3, 9, 10], "source": ["rules"]}}
        for m in MODES
    ]
    found = compare([tiny_bundle], rows)
    assert (
        0 < sum(row["abstain"] for row in found) < len(found) / 2
        and sum(len(row["hits"]) for row in found) > 1000
    )


def test_the_demo_bundle(demo):
    compare([demo[0]], everything(demo[0]))


def test_a_gemma_with_sentencepiece_and_prompts(gemma_built):
    bundle = gemma_built[0] / "work" / "tiny" / "bundle" / "tiny"
    rows = [
        {"question": text, "mode": mode}
        for text in (*questions_of(bundle)[::4], *ODDITIES)
        for mode in ("dense", "hybrid")
    ]
    compare([bundle], rows)


def test_filters_whatever_keys_and_values_are_called(tiny_bundle, tmp_path):
    passages = [
        Passage(f"p{n}", f"king {n}", "the king moves on the board", m) for n, m in enumerate(METADATA)
    ]
    bundle = with_passages(tiny_bundle, tmp_path / "filters", passages)
    filters = [{"source": ["rules"]}, {"source": ["rules", "rules.pdf"], "page": [1, 3]}, {"page": [3]}, {"page": ["3"]}, {"final": [True]},
               {"source": ['o"dd']}, {"source": []}, {"nothing": ["null"]}, {"source": ["\ud800"]}, {"page": [2**31 - 1, 2**40]}, {},
               *({key: [key]} for key in ODD)]  # fmt: skip
    found = compare(
        [bundle],
        [{"question": "what moves if king 0 ?", "mode": mode, "where": w} for w in filters for mode in MODES],
    )
    assert {len(row["hits"]) for row in found} >= {0, 1, 2, 6}


def test_sections_and_neighbours(tiny_bundle, tmp_path):
    bundle = with_passages(tiny_bundle, tmp_path / "sections", SECTIONS)
    rows = [
        {"question": p.text, "mode": "bm25", "limit": 3, "tokens": tokens}
        for p in SECTIONS
        for tokens in (5, 12, 30, 10_000)
    ]
    found = compare([bundle], rows)
    assert any(len(block["ids"]) > 1 for row in found for block in row["blocks"])


def test_ids_beyond_the_first_plane_and_stems(tiny_bundle, tmp_path):
    """Equal scores are ordered by UTF-8 bytes: U+FB01 comes before U+1F642, though its UTF-16 comes behind."""
    ids = ("ﬁ", "🙂", "z", "é", "\ue000", "𝒜", "a", "\uffee")
    passages = [Passage(id_, "", "the kings are waiting on the board", {"parent": "𝒫"}) for id_ in ids]
    passages += [Passage(f"other{n}", "", f"rook {n} wins", {}) for n in range(12)]
    bundle = with_passages(tiny_bundle, tmp_path / "ids", passages, language="en", others=("king", "waits"))
    found = compare(
        [bundle], [{"question": "which king waits ?", "mode": mode, "tokens": 500} for mode in MODES]
    )
    assert [hit["id"] for hit in found[1]["hits"]] == sorted(ids)


def test_what_finds_nothing_says_why(tiny_bundle, tmp_path):
    bundle = with_passages(tiny_bundle, tmp_path / "nothing", NOTHING, "nothing")
    rows = [{"question": question, "mode": "bm25", "where": where or {}} for question, where, _ in CASES]
    found = compare([bundle], rows)
    assert all(why in row["nothing"] for row, (*_, why) in zip(found, CASES, strict=True))
    assert compare([bundle, tiny_bundle], [{"question": "zebra", "mode": "bm25"}])[0]["nothing"]


def test_several_bundles(tiny_bundle, tmp_path):
    other = with_passages(
        tiny_bundle,
        tmp_path / "other",
        [Passage(f"p{n:03}", f"king {n}", f"the flag {n} falls") for n in range(30)],
        "other",
    )
    texts = questions_of(tiny_bundle)[:12]
    rows = [{"question": text, "mode": mode, "tokens": 100} for text in texts for mode in MODES]
    found = compare([tiny_bundle, other], rows)
    assert {hit["corpus"] for row in found for hit in row["hits"]} == {"tiny", "other"}


def test_sqlite_vec_finds_the_same(tiny_bundle):
    rows = [
        {"question": text, "mode": mode} for text in questions_of(tiny_bundle) for mode in ("dense", "hybrid")
    ]
    compare([tiny_bundle], rows, vec0=sqlite_vec.loadable_path())


def test_without_the_model_full_text_alone_answers_and_says_so(tiny_bundle):
    """Neither a library that is missing nor a vector of NaN ends a search."""
    question = "what moves if king 0 ?"
    requests = [{"question": question, "mode": mode} for mode in MODES]
    with pocketrag.open(tiny_bundle) as rag:
        wanted = [hit.id for hit in rag.search(question, mode="bm25")]
        task = {"folders": [tiny_bundle], "requests": requests, **jvm.vectors(rag, [question])}
    bad = [np.full(32, np.nan), np.zeros(32), np.full(32, np.inf), np.ones(31)]
    odd = [{**task, "vectors": [[ids, pack(vector)] for ids, _ in task["vectors"]]} for vector in bad]
    results = jvm.run(("search", {**task, "broken": "no library"}), *(("search", one) for one in odd))
    for rows in results:
        assert [[hit["id"] for hit in row["hits"]] for row in rows] == [wanted] * 3
        assert ["fell_back" in row for row in rows] == [True, False, True] and {
            row["mode"] for row in rows
        } == {"bm25"}
    assert "no library" in results[0][0]["fell_back"] and "full text alone" in results[0][0]["fell_back"]


def test_threads_wait_for_each_other_and_a_closed_one_says_so(tiny_bundle):
    requests = [{"question": text} for text in questions_of(tiny_bundle)] * 3
    with pocketrag.open(tiny_bundle) as rag:
        asked = jvm.vectors(rag, [r["question"] for r in requests])
        (found,) = jvm.run(("threads", {"folders": [tiny_bundle], "requests": requests, **asked}))
        for request, row in zip(requests, found["answers"], strict=True):
            same(row, rag.search(request["question"]))
    assert "closed" in found["after"]
