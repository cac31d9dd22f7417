"""`pocketrag build` as a user meets it: what it says, what it makes anew, and what it refuses."""

import json
import re
import shutil

import numpy as np
import pytest

from pocketrag.formats.files import digests
from pocketrag.pipeline.project import DIGESTS
from tests.builds import build, edit
from tests.conftest import cli, make_bert, make_recipe, real_cli


def test_the_table_says_what_was_built(built):
    done = build(built)
    assert done.returncode == 0
    for word in ("test questions", "gates", "unchecked", "tiny-0.1-int8-", "out/tiny", "base", "MB"):
        assert word in done.stdout
    report = json.loads((built / "out" / "tiny.report.json").read_text())
    assert (
        report["model_id"] == json.loads((built / "out" / "tiny" / "manifest.json").read_text())["model_id"]
    )
    assert report["quality"]["shipped"]["n"] == 140


def test_nothing_changed_nothing_runs(built):
    before = {
        p: p.stat().st_mtime_ns
        for p in built.rglob("*")
        if p.is_file() and not p.name.endswith((".report.json", ".log", DIGESTS))
    }
    done = build(built)
    assert done.returncode == 0 and "running" not in done.stderr and "unchanged" in done.stderr
    assert before == {p: p.stat().st_mtime_ns for p in before}


def test_the_same_inputs_give_the_same_bytes(built, tiny_built, tmp_path):
    shutil.rmtree(built / "work")
    shutil.rmtree(built / "out")
    # A process of its own has another seed for its hashes than the one that built the fixture was forked with.
    assert (
        real_cli(
            "build", "tiny.toml", "--out", "out/tiny", "--work", tmp_path / "elsewhere", cwd=built
        ).returncode
        == 0
    )
    assert digests(built / "out" / "tiny") == digests(tiny_built / "out" / "tiny")


def test_no_path_of_this_machine_is_published(tiny_built):
    for file in (tiny_built / "out" / "tiny").iterdir():
        assert str(tiny_built).encode() not in file.read_bytes() and b"/tmp/" not in file.read_bytes(), (
            file.name
        )


def test_a_change_runs_only_what_hangs_on_it(built):
    edit(built / "tiny.toml", "[search]", '[search]\nmode = "bm25"')
    done = build(built)
    assert (
        done.returncode == 0 and "convert-base: unchanged" in done.stderr and "bundle: running" in done.stderr
    )
    assert (
        json.loads((built / "out" / "tiny" / "manifest.json").read_text())["encoders"][0]["fusion"]["mode"]
        == "bm25"
    )


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", None, r"corpus\.jsonl, which is not a file"),
        ("corpus.jsonl", b"", r"corpus\.jsonl: is empty"),
        ("corpus.jsonl", b"nonsense\n", r"corpus\.jsonl:1: not JSON"),
        ("queries.jsonl", b'{"_id": "q", "text": "\xff"}\n', r"queries\.jsonl:1: not UTF-8"),
        (
            "qrels.tsv",
            b"query-id\tcorpus-id\tscore\nq000-0\tnone\t1\n",
            r"qrels\.tsv:2: the corpus-id 'none' is unknown",
        ),
        ("tiny.toml", b'name = "tiny"\n', r"tiny\.toml: the key `data` is missing"),
        ("tiny.toml", b"name = [\n", r"tiny\.toml: not TOML"),
    ],
)
def test_bad_input_is_named_and_the_earlier_bundle_stays(built, file, content, message):
    before = digests(built / "out" / "tiny")
    (built / file).unlink() if content is None else (built / file).write_bytes(content)
    done = build(built)
    assert done.returncode == 2 and re.search(message, done.stderr) and "Traceback" not in done.stderr
    assert digests(built / "out" / "tiny") == before


@pytest.mark.parametrize("name", ["modules.json", "1_Pooling", "model.safetensors"])
def test_a_base_without_a_part(built, tmp_path, name):
    base = make_bert(tmp_path / "base")
    shutil.rmtree(base / name) if (base / name).is_dir() else (base / name).unlink()
    done = build(built, "--base", base)
    assert done.returncode == 2 and name in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_an_output_that_is_not_ours_is_left_alone(built, kind):
    shutil.rmtree(built / "out" / "tiny")
    if kind == "file":
        (built / "out" / "tiny").write_text("thesis")
    else:
        (built / "out" / "tiny").mkdir()
        (built / "out" / "tiny" / "thesis.txt").write_text("thesis")
    done = build(built)
    assert done.returncode == 2 and "not a bundle of ours" in done.stderr
    kept = built / "out" / "tiny"
    assert (kept if kind == "file" else kept / "thesis.txt").read_text() == "thesis"


def test_files_of_others_beside_a_bundle_and_links_are_left_alone(built, tmp_path):
    (built / "out" / "tiny" / "mine.txt").write_text("mine")
    assert build(built).returncode == 2 and (built / "out" / "tiny" / "mine.txt").read_text() == "mine"
    (tmp_path / "real").mkdir()
    (built / "out" / "link").symlink_to(tmp_path / "real")
    done = cli("build", "tiny.toml", "--out", "out/link", cwd=built)
    assert (
        done.returncode == 2
        and "not a bundle of ours" in done.stderr
        and (built / "out" / "link").is_symlink()
    )
    assert cli("build", "tiny.toml", "--out", ".", cwd=built).returncode == 2


def test_a_mode_that_is_worse_than_the_base_is_not_published(built):
    """The words of the tiny corpus are made for BM25, so the questions are turned into other words."""
    rows = [json.loads(line) for line in (built / "queries.jsonl").read_text().splitlines()]
    (built / "queries.jsonl").write_text(
        "".join(json.dumps({**r, "text": f"zzz {r['_id'].replace('-', ' x')}y"}) + "\n" for r in rows)
    )
    done = build(built, "--mode", "bm25", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and "gate quality" in report["error"] and "bm25" in report["error"]


@pytest.mark.parametrize(("documents", "longest", "times"), [("float", 64, 20), ("shipped", 32, 3)])
def test_a_passage_too_long_fails_or_is_cut_or_split_as_asked(built, documents, longest, times):
    rows = (built / "corpus.jsonl").read_text().splitlines()
    row = json.loads(rows[3])
    rows[3] = json.dumps({**row, "text": " ".join([row["text"]] * times)})
    (built / "corpus.jsonl").write_text("\n".join(rows) + "\n")
    edit(built / "tiny.toml", "[export]", f'[export]\ndocuments = "{documents}"')
    done = build(built)
    assert (
        done.returncode == 2
        and f"1 passages exceed the {longest} tokens" in done.stderr
        and "'p003'" in done.stderr
    )
    vectors = {}
    for policy in ("cut", "split"):
        edit(built / "tiny.toml", "[export]", f'[export]\nlong_passages = "{policy}"')
        assert build(built).returncode == 0
        assert (
            json.loads((built / "out" / "tiny" / "manifest.json").read_text())["counts"]["over_length"] == 1
        )
        vectors[policy] = np.load(built / "work" / "tiny" / "index-base" / "embeddings.npy")[3]
        edit(built / "tiny.toml", f'long_passages = "{policy}"\n', "")
    assert (
        np.linalg.norm(vectors["split"]) == pytest.approx(1, abs=1e-5)
        and vectors["cut"] @ vectors["split"] < 0.9999
    )


def test_a_failing_gate_publishes_nothing(built, monkeypatch, capfd):
    """Raise a limit beyond reach: build must stop with 1 and leave the earlier bundle."""
    from pocketrag.cli.main import main

    before = digests(built / "out" / "tiny")
    edit(built / "tiny.toml", "[search]", "[limits]\ncosine = 1.0\n[search]")
    monkeypatch.chdir(built)
    assert main(["build", "tiny.toml", "--out", "out/tiny"]) == 1
    assert "gate twin_parity" in capfd.readouterr().err and digests(built / "out" / "tiny") == before


def test_quantizations_store_what_their_name_says(built):
    for name, types in (("float32", {"float32"}), ("int8", {"int8"}), ("int4", {"int4", "int8"})):
        make_recipe(built, _base(built), extra=f'quantization = "{name}"')
        done = cli("quantize", "tiny.toml", "--source", "base", "--json", cwd=built)
        assert done.returncode == 0, (name, done.stderr[-800:])
        facts = json.loads(done.stdout)
        assert set(facts["weights"]) == types and facts["mean_cosine"] > 0.9


def _base(folder):
    return re.search(r'base = "(.*)"', (folder / "tiny.toml").read_text())[1]


def test_abstention_goes_into_the_manifest_with_the_scores_of_the_app(built):
    """The threshold is on the scale of the shipped int8 search, and questions without an answer decide no other stage."""
    from pocketrag.runtime.rag import open_bundle

    (built / "none.jsonl").write_text(
        "".join(json.dumps({"text": f"who paints wall {n} ?"}) + "\n" for n in range(24))
    )
    edit(built / "tiny.toml", "[model]", 'unanswerable = "none.jsonl"\n[model]')
    done = build(built)
    assert done.returncode == 0, done.stderr[-1000:]
    ran = set(re.findall(r"(\S+:) running", done.stderr))
    assert ran == {"evaluate-base:", "evaluate-shipped-base:", "bundle:", "verify:"}
    found = json.loads((built / "out" / "tiny" / "manifest.json").read_text())["encoders"][0]["abstention"]
    with open_bundle(built / "out" / "tiny") as rag:
        best = np.array([rag.search(f"who paints wall {n} ?", 1, mode="dense")[0].score for n in range(24)])
    assert found["score"] == "dense" and found["unanswerable"]["quantiles"]["0.5"] == pytest.approx(
        np.median(best), abs=1e-6
    )
    assert found["caught"]["share"] == pytest.approx((best < found["threshold"]).mean(), abs=1e-6)
    assert found["answerable"]["n"] == 140 and found["false_abstention"]["n"] == 140


def test_a_quantization_that_costs_a_point_is_not_published(built, monkeypatch, capfd):
    from pocketrag.cli.main import main
    from pocketrag.formats.facts.measures import Comparison

    (built / "tiny.toml").write_text((built / "tiny.toml").read_text() + "[limits]\nloss = 0.0\n")
    monkeypatch.setattr(
        "pocketrag.reference.metrics.compare",
        lambda *_: Comparison.model_construct(
            measure="ndcg@10",
            n=9,
            difference=-0.001,
            interval=(-0.1, 0.1),
            better=0,
            worse=1,
            verdict="MARGINAL",
        ),
    )
    monkeypatch.chdir(built)
    assert main(["build", "tiny.toml", "--out", "out/tiny"]) == 1
    assert "gate quality" in capfd.readouterr().err


def test_agreement_is_the_share_of_the_float_twins_top_passages(tiny_built):
    from pocketrag.formats.data.beir import read_corpus, read_questions
    from pocketrag.runtime.rag import open_bundle

    found = json.loads((tiny_built / "out" / "tiny" / "manifest.json").read_text())["encoders"][0][
        "agreement"
    ]
    twin, shares = tiny_built / "work" / "tiny" / "reference-base", []
    ids = np.array([p.id for p in read_corpus(tiny_built / "corpus.jsonl")])
    scores = np.load(twin / "questions.npy") @ np.load(twin / "passages.npy").T
    with open_bundle(tiny_built / "out" / "tiny") as rag:
        for question, row in zip(read_questions(tiny_built / "queries.jsonl"), scores, strict=True):
            shares.append(
                len({*ids[np.argsort(-row)[:10]]} & {id_ for id_, _ in rag.rank(question.text, 10, "dense")})
                / 10
            )
    # Equal scores may change places.
    assert found["n"] == len(shares) and found["mean"] == pytest.approx(np.mean(shares), abs=0.005)
    assert 0.8 < found["mean"] <= 1 and found["interval"][0] <= found["mean"] <= found["interval"][1]
