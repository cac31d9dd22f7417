"""Times and memory of a bundle: every part is measured, each run in processes of its own."""

import json

import numpy as np
import pytest
from pocketrag.bench import latency as module
from pocketrag.bench.timing import own_process
from pocketrag.bench.timing.classic_interpreter import ClassicEmbedder

from pocketrag.errors import InputError, PocketragError
from pocketrag.formats.manifest import read_manifest
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.conftest import cli
from tests.verbs import latency


def test_every_part_is_measured(tiny_bundle):
    facts = latency(str(tiny_bundle), threads=[2, 1, 2], repeats=5)
    assert [(run["runtime"], run["threads"]) for run in facts["runs"]] == [
        (r, t) for r in ("compiled", "classic") for t in (1, 2)
    ]
    for run in facts["runs"]:
        assert list(run["lengths"]) == ["16", "32"] and all(row["n"] == 5 for row in run["lengths"].values())
        asked = run["questions"]
        assert asked["n"] == 32 and asked["mode"] in ("dense", "hybrid", "bm25")
        for part in ("tokenize", "embed", "search", "whole"):
            row = asked[part]
            assert 0 < row["median_ms"] <= row["p90_ms"] <= row["p95_ms"] <= row["p99_ms"] and row["n"] == 32
        for start in ("cold_ms", "warm_ms"):
            assert run[start] is None or all(run[start][key] > 0 for key in ("open", "first"))
        memory = run["memory_mb"]
        assert memory["start"] is None or memory["start"] < memory["open"] <= memory["peak"]
    assert facts["reference"]["n"] == 4 * (5 + 32) and isinstance(facts["noisy"], bool)
    assert "not a phone's" in facts["notes"][-1]


def test_it_is_kept_in_the_report_and_printed(tiny_bundle):
    done = cli(
        "latency",
        tiny_bundle,
        "--threads",
        1,
        "--runtime",
        "compiled",
        "--repeats",
        3,
        env={"COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    for word in ("32 real questions", "tokenize", "cold: open", "MB before"):
        assert word in done.stdout
    report = json.loads(tiny_bundle.with_name("tiny.report.json").read_text())
    assert (
        report["latency"]["runs"][0]["threads"] == 1
        and report["latency"]["environment"]["versions"]["pocketrag"]
    )
    assert str(tiny_bundle.parent) not in json.dumps(report)


def test_questions_of_a_file(tiny_bundle, data):
    facts = latency(
        str(tiny_bundle), threads=[1], runtime="compiled", repeats=1, queries=str(data / "queries.jsonl")
    )
    assert facts["runs"][0]["questions"]["n"] == 100


def test_the_classic_interpreter_computes_the_same(tiny_bundle):
    spec = read_manifest(tiny_bundle).embedder
    ours, classic = LiteRtEmbedder(tiny_bundle, spec, 1), ClassicEmbedder(tiny_bundle, spec, 1)
    for text in ("what rings if phone 3 meets king ?", "the king"):
        assert np.allclose(ours.embed(text), classic.embed(text), atol=1e-5)
    ours.close(), classic.close()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"threads": [0]}, "at least 1"),
        ({"repeats": 0}, "at least 1"),
        ({"benchmark_binary": "x"}, "--device"),
        ({"queries": "none"}, "none"),
    ],
)
def test_bad_input(tiny_bundle, options, word):
    with pytest.raises(InputError, match=word):
        latency(str(tiny_bundle), **options)


def test_a_changed_bundle_is_not_opened(tiny_bundle):
    (tiny_bundle / "golden.json").write_text("{}")
    with pytest.raises(InputError, match=r"golden\.json"):
        latency(str(tiny_bundle))


def test_a_process_that_dies_or_hangs_is_an_error_with_its_reason(tiny_bundle, monkeypatch):
    with pytest.raises(PocketragError, match=r"ended early \(KeyError"):
        module._probe(tiny_bundle, "no such runtime", 1, 1, ["?"])
    monkeypatch.setattr(own_process, "TIMEOUT_S", 0.01)
    with pytest.raises(PocketragError, match="not done"):
        module._probe(tiny_bundle, "compiled", 1, 1, ["?"])
