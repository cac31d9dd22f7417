"""The benchmark as people call it, on few passages; no time is asserted, machines are noisy."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from pocketrag.bench import recall, scale
from pocketrag.bench.page import line_chart
from pocketrag.bench.timing import synthetic

from pocketrag.runtime.ranking import corpus_scale, quantize


def run(module, *arguments):
    command = [sys.executable, "-m", f"pocketrag.bench.{module}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scale")
    files = ("--out", folder / "scale.json", "--plot", folder / "scale.svg")
    done = run("scale", "--passages", 150, 300, "--questions", 100, "--dims", 64, *files)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((folder / "scale.json").read_text()), (folder / "scale.svg").read_text()


def test_facts(measured):
    table, rows, _ = measured
    assert [row["passages"] for row in rows] == [150, 300] and "recall@10" in table
    for row in rows:
        assert all(scale.at(row, path) is not None for path in scale.LINES.values() if "memory" not in path)
        assert row["recall"]["shipped"]["recall@10"] == {"mean": 1.0, "interval": [1.0, 1.0], "n": 100}
        assert row["recall"]["shipped"]["recall@100"]["mean"] == 1.0
        assert row["entries"][-1]["kept@10"]["mean"] == row["entries"][-1]["fused@10"]["mean"] == 1.0
        # Among so few passages full text finds most questions' own.
        assert row["entries"][-1]["own@10"]["mean"] > 0.5
        spent = row["latency_ms"]
        assert (
            spent["n"] == 100
            and 0
            < spent["dense"]["median"]
            < spent["hybrid"]["median"]
            <= spent["hybrid"]["p90"]
            <= spent["hybrid"]["p95"]
        )


def test_every_byte_is_counted_once(measured):
    for row in measured[1]:
        kinds = row["bytes"]
        assert kinds["total"] == row["build"]["bytes"] == kinds["text"] + kinds["full_text"] + kinds["beyond"]
        assert kinds["beyond"] == kinds["vectors"] + kinds["rest"] and kinds["sqlite-vec"] == 0
        assert 64 < row["bytes_beyond"]["plain"] < row["bytes_beyond"]["sqlite-vec"]


def test_the_plot_is_svg_with_a_line_for_each(measured):
    root = ET.fromstring(measured[2])
    texts = [node.text for node in root.iter() if node.tag.endswith("text")]
    assert {"a search, ms", "full text", "vectors", "database", "build", "1 000"} <= set(texts)
    assert (
        sum(node.get("class") == "line" for node in root.iter()) == 7
        and "prefers-color-scheme" in measured[2]
    )


def test_names_at_the_end_of_lines_do_not_meet():
    assert line_chart._spaced([50.0, 52.0, 10.0]) == [50.0, 63.0, 10.0]


def test_bad_input():
    done = run("scale", "--questions", 3)
    assert done.returncode == 2 and "at least 100" in done.stderr and "Traceback" not in done.stderr


def test_made_up_data_are_the_same_each_time_and_as_described(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    a, b = (synthetic.write(tmp_path / name, 400, 100, 64) for name in ("a", "b"))
    for name in ("corpus", "passages", "queries", "questions"):
        assert getattr(a, name).read_bytes() == getattr(b, name).read_bytes()
    rows, questions = np.load(a.passages), np.load(a.questions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5) and np.allclose(
        np.linalg.norm(questions, axis=1), 1, atol=1e-5
    )
    corpus = {
        line["_id"]: line["text"].split() for line in map(json.loads, a.corpus.read_text().splitlines())
    }
    assert all(120 <= len(text) <= 200 for text in corpus.values())
    for line in map(json.loads, a.queries.read_text().splitlines()):
        words, own = line["text"].split(), set(corpus[line["metadata"]["passage"]])
        assert 8 <= len(words) <= 15 and sum(word in own for word in words) >= len(words) / 2


def test_words_of_all_ranks_differ():
    assert len({synthetic.spell(rank) for rank in range(50_000)}) == 50_000


def test_recall_grows_with_the_candidates(tmp_path):
    rows, questions = synthetic.make_vectors(np.random.default_rng(0), 2_000, np.arange(0, 2_000, 20), 128)
    found = recall.recall(
        quantize(rows, corpus_scale(rows)), corpus_scale(rows), questions, (100, 500, 1_999)
    )["two_stages"]
    shares = [row["recall@10"]["mean"] for row in found]
    assert shares == sorted(shares) and 0.5 < shares[0] < 1 and shares[-1] == 1.0
    for name, array in (("passages.npy", rows), ("questions.npy", questions)):
        np.save(tmp_path / name, array)
    done = run("recall", tmp_path / "passages.npy", tmp_path / "questions.npy", "--candidates", 100)
    assert done.returncode == 0 and f"{shares[0]:.4f}" in done.stdout, done.stderr
