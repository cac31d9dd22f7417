"""The demo on real weights: what `make demo` promises."""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest
from pocketrag.bench.verify import verify

from pocketrag.formats.data import beir
from pocketrag.runtime.rag import open_bundle
from tests.bench.damage import corrupt_attention, put_digests_right, rename_model
from tests.conftest import ROOT, cli

HANDBOOK = ROOT / "examples" / "handbook"


def test_what_it_prints(demo):
    _, printed = demo
    for word in ("shipped", "WIN", "device_parity", "unchecked", "android_assets/demo", "hybrid"):
        assert word in printed


def test_size_and_contents(demo):
    bundle, _ = demo
    assert sum(p.stat().st_size for p in bundle.iterdir()) <= 30e6
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["encoders"][0]["embedder"]["quantization"] == "int8" and manifest["encoders"][0][
        "embedder"
    ]["lengths"] == [
        32,
        64,
        128,
        256,
    ]
    assert manifest["model_id"].endswith(
        hashlib.sha256((bundle / "embedder.tflite").read_bytes()).hexdigest()[:12]
    )


def test_a_second_run_does_nothing(demo):
    done = cli("build", "recipes/demo.toml", cwd=ROOT)
    assert done.returncode == 0 and "running" not in done.stderr


def test_the_verdict_is_the_evidence(demo):
    bundle, _ = demo
    verdict = json.loads((bundle / "manifest.json").read_text())["verdict"]
    for row in (verdict["tuned"], verdict["shipped"]):
        assert row["n"] >= 100
        if verdict["ships"] == "tuned":
            assert row["verdict"] == "WIN" and row["interval"][0] > 0


def test_the_training_saw_nothing_of_the_test(demo):
    split = json.loads((ROOT / "work" / "demo" / "split" / "split.json").read_text())
    _, _, qrels = beir.read_judged(
        HANDBOOK / "corpus.jsonl", HANDBOOK / "queries.jsonl", HANDBOOK / "qrels.tsv"
    )
    held = {p for part in ("dev", "test") for q in split[part] for p in qrels[q]}
    rows = [
        json.loads(line)
        for line in (ROOT / "work" / "demo" / "mine" / "triplets.jsonl").read_text("utf-8").splitlines()
    ]
    passages = {p.id: p.text for p in beir.read_corpus(HANDBOOK / "corpus.jsonl")}
    assert not {row["positive_id"] for row in rows} & held
    texts = [passages[p] for p in held]
    assert not any(row["negative_1"].endswith(text) for row in rows for text in texts)


def test_ten_questions_of_our_own(demo):
    bundle, _ = demo
    asked = {
        "a mobile went off in the playing hall during my game": "phones-",
        "can I take a half point bye in the final round": "byes-",
        "how long do I have to hand in an appeal": "appeals-",
        "I touched my bishop but want to move the knight": "touch-move-",
        "opponent arrived forty minutes late in a standard game": "late-arrival-",
        "same position three times, how do I claim": "draws-",
        "which tie-break comes first in a Swiss": "tie-breaks-",
        "do I have to write the moves in the last minutes": "scoresheets-",
        "my son is nine, who collects him after the round": "juniors-",
        "two players from one club paired against each other": "pairings-",
    }
    with open_bundle(bundle) as rag:
        found = {q: [hit.id for hit in rag.search(q, limit=5)] for q in asked}
    right = [q for q, start in asked.items() if any(id_.startswith(start) for id_ in found[q])]
    assert len(right) >= 9, found


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("What happens after my second illegal move?", "illegal-moves-02"),
        ("Can I offer a draw by nodding?", "draws-01"),
        ("How do I claim a threefold repetition?", "draws-06"),
    ],
)
def test_the_questions_that_it_is_shown_with_are_answered_in_first_place(question, passage, demo):
    pages = [ROOT / "README.md", ROOT / "docs/tutorials/handbook.md", ROOT / "tests/test_walks.py"]
    assert any(f'"{question}"' in page.read_text("utf-8") for page in pages)
    with open_bundle(demo[0]) as rag:
        answer = rag.search(question)
    assert answer.hits[0].id == passage and not answer.abstain


def test_it_says_so_where_the_handbook_holds_no_answer(demo):
    texts = beir.read_unanswerable(HANDBOOK / "unanswerable.jsonl")
    judged = beir.read_questions(HANDBOOK / "queries.jsonl")[::8]
    with open_bundle(demo[0]) as rag:
        silent = sum(rag.search(text, 1).abstain for text in texts)
        wrong = sum(rag.search(question.text, 1).abstain for question in judged)
    assert silent / len(texts) > 2 * wrong / len(judged) and wrong <= 0.08 * len(judged)


def test_it_passes_without_torch_and_fails_when_a_byte_flips(demo, tmp_path):
    bundle, _ = demo
    assert verify(str(bundle)).exit == 0
    copy = shutil.copytree(bundle, tmp_path / "demo")
    data = bytearray((copy / "corpus.db").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "corpus.db").write_bytes(data)
    done = cli("verify", copy)
    assert done.returncode == 1 and "corpus.db" in done.stdout


def test_corrupted_attention_falls_to_parity(demo, tmp_path):
    copy = shutil.copytree(demo[0], tmp_path / "demo")
    corrupt_attention(copy)
    rename_model(copy)
    put_digests_right(copy)
    failing = {g.gate for g in verify(str(copy)).gates if g.outcome == "fail"}
    assert {"shipped_parity", "twin_parity", "passages"} <= failing and "digests" not in failing


def test_the_runtime_agrees_with_an_independent_reader(demo):
    """SQLite through another library, vectors through plain NumPy: the same first ten for golden questions."""
    sqlite3 = pytest.importorskip("sqlite3")
    import numpy as np

    from pocketrag.formats.golden import read_golden, unpack

    bundle, _ = demo
    rows = (
        sqlite3.connect(bundle / "corpus.db")
        .execute("SELECT id, vector FROM chunk_vectors JOIN chunks USING (n)")
        .fetchall()
    )
    matrix = np.stack([np.frombuffer(blob, np.int8) for _, blob in rows]).astype(np.int64)
    for text in [t for t in read_golden(bundle / "golden.json").texts if t.question]:
        vector = unpack(text.shipped, matrix.shape[1]).astype(np.float64)
        query = np.rint(vector / (np.abs(vector).max() / 127)).astype(np.int64)
        order = sorted(range(len(rows)), key=lambda i, q=query: (-int(matrix[i] @ q), rows[i][0]))
        assert [rows[i][0] for i in order[:10]] == text.top["dense"]


def test_evaluate_a_bundle_writes_the_run_it_scored(demo, tmp_path):
    import ir_measures

    done = subprocess.run(
        [sys.executable, "-m", "pocketrag.cli", "evaluate", str(demo[0]), "--corpus", str(HANDBOOK / "corpus.jsonl"), "--queries",
         str(HANDBOOK / "queries.jsonl"), "--qrels", str(HANDBOOK / "qrels.tsv"), "--mode", "hybrid", "--run", str(tmp_path / "run"), "--json"],
        capture_output=True, text=True,
    )  # fmt: skip
    facts = json.loads(done.stdout)
    assert (
        done.returncode == 0
        and facts["n"] == 801
        and {"recall@1", "recall@5", "mrr@10", "ndcg@10"} <= set(facts)
    )
    qrels = (HANDBOOK / "qrels.tsv").read_text().splitlines()[1:]
    (tmp_path / "qrels").write_text("".join("{} 0 {} {}\n".format(*line.split("\t")) for line in qrels))
    again = ir_measures.calc_aggregate(
        [ir_measures.nDCG @ 10, ir_measures.R @ 5],
        ir_measures.read_trec_qrels(str(tmp_path / "qrels")),
        ir_measures.read_trec_run(str(tmp_path / "run")),
    )
    assert again[ir_measures.nDCG @ 10] == pytest.approx(facts["ndcg@10"], abs=1e-5)
    assert again[ir_measures.R @ 5] == pytest.approx(facts["recall@5"], abs=1e-5)
