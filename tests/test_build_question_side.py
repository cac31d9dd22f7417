"""`side = "question"` from the recipe to a verified bundle whose passages are the base's."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pocketrag.errors import InputError
from pocketrag.formats.manifest import read_manifest
from pocketrag.recipe.recipe import read_recipe
from tests.builds import edit
from tests.conftest import cli, make_data, make_recipe, once, other_domain
from tests.verbs import check, update


@pytest.fixture(scope="session")
def side_built(tmp_path_factory, tiny_bert):
    """A folder in which a recipe was built whose questions alone were tuned, with a guard; the tuned model ships."""

    def make(folder):
        make_data(folder, asked=6)
        guard = make_data(folder / "guard", passages=20) if not (folder / "guard").mkdir() else None
        other_domain(guard / "queries.jsonl")
        recipe = make_recipe(folder, tiny_bert, "lora")
        text = recipe.read_text().replace("[train]", '[train]\nside = "question"\naccept = "marginal"')
        text = (
            text.replace("epochs = 1", "epochs = 12")
            .replace("1e-3", "2e-3")
            .replace("patience = 1", "patience = 3")
        )
        text = text.replace("evaluations = 2", "evaluations = 4")
        files = "".join(
            f'guard_{key} = "guard/{key}.{end}"\n'
            for key, end in (("corpus", "jsonl"), ("queries", "jsonl"), ("qrels", "tsv"))
        )
        recipe.write_text(text.replace("[model]", f"{files}[model]") + "[limits]\nguard_loss = 1.0\n")
        done = cli("build", "tiny.toml", "--out", "out/tiny", "--accept-regression", "--json", cwd=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "built.json").write_text(done.stdout)

    return once(tmp_path_factory, "side", make)


def test_the_tuned_model_ships_with_the_bases_vectors(side_built):
    report = json.loads((side_built / "built.json").read_text())
    assert report["verdict"]["ships"] == "tuned" and report["stages"]["tune"]["side"] == "question"
    manifest = json.loads((side_built / "out" / "tiny" / "manifest.json").read_text())
    assert manifest["vectors"]["side"] == "question" and manifest["vectors"]["documents"] == "float"
    work = side_built / "work" / "tiny"
    tuned, base = (work / f"reference-{source}" for source in ("tuned", "base"))
    assert (tuned / "passages.npy").read_bytes() == (base / "passages.npy").read_bytes()
    assert not np.allclose(np.load(tuned / "questions.npy"), np.load(base / "questions.npy"), atol=1e-3)
    facts = json.loads((tuned / "manifest.json").read_text())["facts"]
    assert facts["passages_of"] == "base" and facts["embedded"] == 0 and facts["reused"] == facts["passages"]


def test_the_database_is_that_of_a_build_of_the_base_and_an_app_needs_the_model_alone(side_built, tmp_path):
    """To the byte, with stems in the choice; the untuned bundle of the same recipe is updated to the tuned one."""
    database = (side_built / "out" / "tiny" / "corpus.db").read_bytes()
    copy = Path(shutil.copytree(side_built, tmp_path / "copy"))
    edit(copy / "tiny.toml", 'version = "0.1"', 'version = "0.0.9"')
    for verb in ("convert", "quantize", "index", "bundle"):
        done = cli(verb, "tiny.toml", "--source", "base", cwd=copy)
        assert done.returncode == 0, done.stderr[-2000:]
    base = copy / "work" / "tiny" / "bundle" / "tiny"
    assert database == (base / "corpus.db").read_bytes()
    manifests = [read_manifest(bundle) for bundle in (base, side_built / "out" / "tiny")]
    assert (
        len({one.vectors_model_id for one in manifests}) == 1
        and len({one.model_id for one in manifests}) == 2
    )
    assert manifests[0].vectors_model_id.startswith("tiny-float-")
    found = update(str(base), str(side_built / "out" / "tiny"), out=str(tmp_path / "made"))
    assert {"embedder.tflite", "golden.json"} <= set(found["carried"]) and "corpus.db" in found["taken"]


def test_the_guard_ranks_the_bases_passages(side_built):
    tuned, base = (side_built / "work" / "tiny" / f"guard-{source}" for source in ("tuned", "base"))
    assert (tuned / "passages.npy").read_bytes() == (base / "passages.npy").read_bytes()
    assert (tuned / "scores.json").read_bytes() != (base / "scores.json").read_bytes()


def passages_gate(facts):
    return next(gate for gate in facts["gates"] if gate["gate"] == "passages")


def test_the_build_compares_stored_vectors_with_the_bases(side_built, tmp_path):
    report = json.loads((side_built / "built.json").read_text())
    gate = passages_gate(report)
    assert gate["outcome"] == "pass" and "to the base's" in gate["detail"]
    copy = Path(shutil.copytree(side_built / "out" / "tiny", tmp_path / "tiny"))
    done = cli("verify", copy, "--json")
    gate = passages_gate(json.loads(done.stdout))
    assert done.returncode == 0 and gate["outcome"] == "skipped" and "not in the bundle" in gate["detail"]


def test_vectors_of_another_model_are_found(side_built):
    from pocketrag.bench.gates.examined import Examined, Means
    from pocketrag.bench.gates.stored import by_full

    bundle, rng = side_built / "out" / "tiny", np.random.default_rng(0)
    ids = [json.loads(line)["_id"] for line in (side_built / "corpus.jsonl").read_text().splitlines()]
    other = dict(zip(ids, rng.normal(size=(len(ids), 32)).astype(np.float32), strict=True))
    for base, word in ((other, "base's"), (dict(list(other.items())[1:]), "not those")):
        examined = Examined(bundle, Means(base=base))
        outcome = by_full(examined)
        examined.close()
        assert outcome.outcome == "fail" and word in outcome.detail


def test_parity_ranks_what_is_stored(side_built):
    from tests.verbs import parity

    merged = side_built / "work" / "tiny" / "merge"
    given = {
        "queries": str(side_built / "queries.jsonl"),
        "qrels": str(side_built / "qrels.tsv"),
        "sample": 20,
    }
    found = parity(
        str(
            shutil.copytree(side_built / "out", side_built.with_name("side-copy"), dirs_exist_ok=True)
            / "tiny"
        ),
        str(merged),
        **given,
    )
    assert found["overlap"]["mean"] > 0.9


def test_its_traits_would_say_nothing(side_built):
    done = cli("traits", "out/tiny", cwd=side_built)
    assert done.returncode == 2 and "questions alone were tuned" in done.stderr


def test_nothing_changed_nothing_runs(side_built, tmp_path):
    copy = Path(shutil.copytree(side_built, tmp_path / "copy", symlinks=True))
    done = cli("build", "tiny.toml", "--out", "out/tiny", "--accept-regression", cwd=copy)
    assert done.returncode == 0 and "running" not in done.stderr and "fixed: unchanged" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('method = "lora"', 'method = "none"\nside = "question"', 'side "question" .* method "none"'),
        ("[export]", '[export]\ndocuments = "shipped"', r"train\.side, export\.documents"),
        ('side = "question"', 'side = "passage"', r"train\.side"),
    ],
)
def test_what_a_recipe_may_not_say(data, tiny_bert, old, new, words):
    recipe = make_recipe(data, tiny_bert, "lora")
    text = recipe.read_text()
    if "side" not in new or "passage" in new:
        text = text.replace("[train]", '[train]\nside = "question"')
    recipe.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=words):
        read_recipe(recipe)


def test_check_says_what_it_means_and_counts_questions_alone(data, tiny_bert):
    from pocketrag.training import hardware

    recipe = make_recipe(data, tiny_bert, "lora")
    lines = [line["check"] for line in check(str(recipe))["checks"]]
    assert "side" not in lines
    recipe.write_text(recipe.read_text().replace("[train]", '[train]\nside = "question"'))
    found = {line["check"]: line for line in check(str(recipe))["checks"]}
    assert "the base's own vectors stay" in found["side"]["detail"] and found["side"]["outcome"] == "pass"
    from types import SimpleNamespace

    from pocketrag.formats.data.beir import Passage, Question

    split = SimpleNamespace(pairs=[(Question("q", "x" * 33), "p")], pool=[Passage("p", "", "y" * 3300)])
    assert hardware.tokens_of(read_recipe(recipe), split) == pytest.approx(10, abs=6)
