"""`pocketrag build` of a tuned recipe: which of two models ships, and what says why."""

import json
import shutil

import pytest

from tests.builds import edit
from tests.conftest import other_domain

#: Stages that know no verdict; what is judged is made anew in each test.
MADE = ("mine", "tune", "merge", "convert-base", "convert-tuned", "quantize-base", "quantize-tuned")


@pytest.fixture
def folder(tuned_built, tmp_path):
    """A recipe whose models are tuned and converted: nothing is judged, no bundle is there."""
    folder = shutil.copytree(tuned_built[0], tmp_path / "folder", ignore=shutil.ignore_patterns("out"))
    for stage in (folder / "work" / "tiny").iterdir():
        if stage.name not in MADE:
            shutil.rmtree(stage) if stage.is_dir() else stage.unlink()
    return folder


def test_a_tuned_model_that_did_not_win_gives_way_to_the_base(tuned_built):
    _, (strict, accepting) = tuned_built
    verdict = strict["verdict"]
    assert (
        verdict["ships"] == "base"
        and "MARGINAL" in verdict["reason"]
        and verdict["tuned"]["verdict"] == "MARGINAL"
    )
    accepted = accepting["verdict"]
    assert accepted["ships"] == "tuned" and "accepts marginal" in accepted["reason"]


def test_the_verdict_is_decided_again_on_what_ships(folder, monkeypatch, capfd):
    """The tuned model wins in float32 and loses quantized: the base must ship, and the manifest must say why."""
    from pocketrag.cli.main import main
    from pocketrag.reference import metrics

    verdicts = iter(["WIN"])
    monkeypatch.setattr(metrics, "verdict", lambda *_: next(verdicts, "REGRESSION"))
    monkeypatch.chdir(folder)
    assert main(["build", "tiny.toml", "--out", "out/tiny", "--json"]) == 0, capfd.readouterr().err[-1000:]
    manifest = json.loads((folder / "out" / "tiny" / "manifest.json").read_text())
    assert manifest["verdict"]["ships"] == "base"
    assert "float32: WIN; tuned as shipped against base: REGRESSION" in manifest["verdict"]["reason"]


def test_a_regressed_model_is_bundled_only_where_that_is_accepted(folder, monkeypatch, capfd):
    from pocketrag.cli.main import main
    from pocketrag.reference import metrics

    real = metrics.compare

    def worse(candidate, reference, measure=metrics.MAIN):
        row = real(candidate, reference, measure)
        return row.model_copy(update={"difference": -0.2, "interval": (-0.3, -0.1), "verdict": "REGRESSION"})

    monkeypatch.setattr(metrics, "compare", worse)
    monkeypatch.chdir(folder)

    def run(*arguments):
        code = main([*arguments, "--json"])
        return code, json.loads(capfd.readouterr().out)

    code, report = run("build", "tiny.toml", "--out", "out/tiny", "--accept-regression")
    assert code == 0, report
    verdict = json.loads((folder / "out" / "tiny" / "manifest.json").read_text())["verdict"]
    assert (
        verdict["ships"] == "tuned"
        and verdict["accepted_regression"]
        and "--accept-regression" in verdict["reason"]
    )
    gates = {g["gate"]: g for g in run("verify", "out/tiny")[1]["gates"]}
    assert gates["verdict"]["outcome"] == "pass" and "REGRESSED, accepted" in gates["verdict"]["detail"]
    assert gates["quality"]["outcome"] == "pass" and "a regression was accepted" in gates["quality"]["detail"]

    code, refused = run("bundle", "tiny.toml", "--source", "tuned")
    assert (
        code == 1
        and "the tuned model regressed (float32: REGRESSION; as shipped: REGRESSION)" in refused["error"]
    )
    code, packed = run("bundle", "tiny.toml", "--accept-regression")
    assert code == 0 and packed["source"] == "tuned"
    for verb in ("convert", "quantize", "index"):
        assert run(verb, "tiny.toml")[1]["source"] == "base"
    code, packed = run("bundle", "tiny.toml")
    assert code == 0 and packed["source"] == "base"
    manifest = json.loads(
        next((folder / "work" / "tiny" / "bundle" / "tiny").glob("manifest.json")).read_text()
    )
    assert not manifest["verdict"]["accepted_regression"]


def test_a_winner_that_fell_out_of_domain_gives_way_to_the_base(folder, monkeypatch, capfd):
    from pocketrag.bench.quality import judge

    from pocketrag.cli.main import main
    from pocketrag.formats.facts.measures import GuardComparison
    from pocketrag.reference import metrics

    shutil.copyfile(folder / "queries.jsonl", folder / "guard.jsonl")
    other_domain(folder / "guard.jsonl")
    guard = 'guard_corpus = "corpus.jsonl"\nguard_queries = "guard.jsonl"\nguard_qrels = "qrels.tsv"\n[model]'
    edit(folder / "tiny.toml", "[model]", guard)
    monkeypatch.setattr(metrics, "verdict", lambda *_: "WIN")
    monkeypatch.setattr(
        judge,
        "compared",
        lambda *_: GuardComparison(
            measure="ndcg@10",
            n=210,
            difference=-0.05,
            interval=(-0.1, 0.0),
            better=0,
            worse=9,
            base=0.5,
            tuned=0.45,
        ),
    )
    monkeypatch.chdir(folder)
    assert main(["build", "tiny.toml", "--out", "out/tiny", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["verdict"]["ships"] == "base" and report["verdict"]["guard"]["difference"] == -0.05
    assert "guard: nDCG@10 -0.0500 out of domain, at most -0.0100 is allowed" in report["verdict"]["reason"]
    assert (
        main(["bundle", "tiny.toml", "--json"]) == 0
        and json.loads(capfd.readouterr().out)["source"] == "base"
    )
