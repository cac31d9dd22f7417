"""What verbs print and stages keep is what their models say: read and written again, it is the same JSON to the byte."""

import json
from contextlib import suppress

import pytest
from pydantic import ValidationError

from pocketrag.cli.views.results import show
from pocketrag.errors import InputError
from pocketrag.formats.facts.asked import JudgedQuestions
from pocketrag.formats.facts.base import Facts, as_json
from pocketrag.formats.facts.build import BuildFacts, BuildSection, QualityFacts, StagesFacts
from pocketrag.formats.facts.bundle import BundleFacts, VerdictFacts
from pocketrag.formats.facts.evaluate import KEYS, JudgedFacts, TargetEvaluation
from pocketrag.formats.facts.export import ConvertFacts, QuantizeFacts
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.measures import CosineOfTexts, Means
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.phone.environment import EnvironmentFacts
from pocketrag.formats.facts.reference import ReferenceFacts
from pocketrag.formats.facts.split import SplitFacts
from pocketrag.formats.facts.training import MergeFacts, MineFacts, TuneFacts
from pocketrag.formats.facts.verify import VerifySection
from pocketrag.formats.schemas import FOLDER, STAGES, VERBS, schema_of, texts
from pocketrag.reference import metrics
from tests.conftest import ROOT, cli

#: Beginning of a stage's folder -> its model.
FOLDERS = {
    "bundle": BundleFacts,
    "convert": ConvertFacts,
    "evaluate": JudgedFacts,
    "index": IndexFacts,
    "merge": MergeFacts,
    "mine": MineFacts,
    "quantize": QuantizeFacts,
    "split": SplitFacts,
    "tune": TuneFacts,
    "reference": ReferenceFacts,
    "verify": VerifySection,
}
#: Sections of a report, and its keys that are facts.
SECTIONS = {
    "verdict": VerdictFacts,
    "quality": QualityFacts,
    "questions": JudgedQuestions,
    "stages": StagesFacts,
    "build": BuildSection,
    "verify": VerifySection,
}


def stays(model: type[Facts], value: object) -> None:
    assert json.dumps(model.read(value).as_json()) == json.dumps(value)


def stages(work) -> set[str]:
    """Check the facts of every stage; return their names."""
    found = {
        file.parent.name: json.loads(file.read_text("utf-8"))["facts"]
        for file in sorted(work.glob("*/manifest.json"))
    }
    for name, facts in found.items():
        stays(FOLDERS[name.split("-")[0]], facts)
    return {name.split("-")[0] for name in found}


def report(file) -> None:
    found = json.loads(file.read_text("utf-8"))
    for name, model in SECTIONS.items():
        stays(model, found[name])
    for gate in found["gates"]:
        stays(GateFacts, gate)
    stays(EnvironmentFacts, found["build"]["environment"])
    # Question by question it is what the verdict counted.
    gains = [row["shipped"]["ndcg@10"] - row["base"]["ndcg@10"] for row in found["questions"]["asked"]]
    compared = found["quality"]["shipped"]["against_base"]
    assert sum(gain > 0 for gain in gains) == compared["better"]
    assert sum(gain < 0 for gain in gains) == compared["worse"]


def test_stages_and_report_of_a_build(tiny_built):
    assert {"bundle", "convert", "evaluate", "index", "quantize", "reference"} <= stages(
        tiny_built / "work" / "tiny"
    )
    report(tiny_built / "out" / "tiny.report.json")


def test_stages_of_a_quantization_that_calibrates(gemma_built):
    folder, said = gemma_built
    assert "quantize" in stages(folder / "work" / "tiny") and said["kept_in_int8"]
    stays(QuantizeFacts, said)


def test_stages_and_report_of_builds_that_tune(tuned_built):
    folder, said = tuned_built
    assert {"mine", "tune", "merge", "split"} <= stages(folder / "work" / "tiny")
    report(folder / "out" / "tiny.report.json")
    for found in said:
        stays(BuildFacts, found)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "tiny.toml"),
        ("build", "tiny.toml", "--out", "out/tiny"),
        ("evaluate", "tiny.toml"),
        (
            "evaluate",
            "out/tiny",
            "--corpus",
            "corpus.jsonl",
            "--queries",
            "queries.jsonl",
            "--qrels",
            "qrels.tsv",
        ),
        ("index", "tiny.toml"),
        ("search", "out/tiny", "what moves if king 0 meets rook ?", "--context", 100),
        ("ask", "out/tiny", "what moves if king 0 meets rook ?", "--no-generator"),
        ("verify", "out/tiny", "--predict"),
        ("latency", "out/tiny", "--predict"),
        ("report", "out/tiny", "--out", "page.html"),
        ("model-id", "out/tiny/corpus.db"),
        ("aar", "out/tiny", "--out", "maven"),
        ("gradle", "out/tiny", "--out", "project"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_a_verb_prints(built, arguments):
    done = cli(*arguments, "--json", cwd=built)
    assert done.returncode == 0, done.stderr[-2000:]
    found = read_any(VERBS[arguments[0]], json.loads(done.stdout))
    assert json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n" == done.stdout


def read_any(kinds, value):
    *others, last = kinds
    for kind in others:
        with suppress(InputError):
            return kind.read(value)
    return last.read(value)


def test_an_unknown_key_and_a_missing_one_are_named():
    with pytest.raises(InputError, match=r"file\.json: `mean`: Field required"):
        CosineOfTexts.read({"n": 3, "least": 1.0}, "file.json")
    with pytest.raises(InputError, match="`more`: Extra inputs"):
        CosineOfTexts.read({"n": 3, "mean": 1.0, "least": 1.0, "more": 1})
    with pytest.raises(ValidationError, match="frozen"):
        CosineOfTexts(n=3, mean=1.0, least=1.0).n = 4


def test_what_is_not_a_number_is_null():
    found = CosineOfTexts(n=3, mean=float("nan"), least=float("-inf"))
    assert found.as_json() == {"n": 3, "mean": None, "least": None}
    with pytest.raises(ValidationError, match="finite"):
        Means.model_validate({"n": 1, **dict.fromkeys(metrics.MEASURES, float("nan"))})


def test_measures_have_their_names_in_json():
    found = Means.model_validate({"n": 1, **dict.fromkeys(metrics.MEASURES, 0.5)})
    assert list(found.as_json()) == ["n", *metrics.MEASURES] and found.ndcg_10 == 0.5
    assert KEYS == ("difficulty", "category", "origin")


def test_facts_by_name_are_json_too():
    one = CosineOfTexts(n=1, mean=1.0, least=1.0)
    assert as_json({"a": one, "b": {"c": one}, "d": 1}) == {
        "a": one.as_json(),
        "b": {"c": one.as_json()},
        "d": 1,
    }


def test_people_see_every_breakdown(capsys):
    means = {"n": 3, **dict.fromkeys(metrics.MEASURES, 0.5)}
    by = {f"by_{key}": {f"one {key}": means} for key in KEYS}
    show(TargetEvaluation.read({"target": "x", "kind": "embedder", "mode": "dense", **means, **by}))
    shown = capsys.readouterr().out
    assert all(f"by {key}" in shown and f"one {key}" in shown for key in KEYS)


# Schemas.


def test_the_schemas_in_the_docs_are_those_of_the_models():
    folder = ROOT / FOLDER
    assert {file.name: file.read_text("utf-8") for file in folder.glob("*.json")} == texts(), (
        "run `make schemas`"
    )


def test_every_verb_has_a_schema():
    from pocketrag.cli.verbs import VERBS as TABLE

    assert set(VERBS) == {verb.name for verb in TABLE}


@pytest.mark.parametrize("name", [*VERBS, *STAGES])
def test_a_schema_names_the_keys_of_the_json(name):
    schema = schema_of(name)
    keys = [key for key in ("title", "description") if key not in schema and "anyOf" not in schema]
    assert not keys and "ndcg_10" not in json.dumps(schema)
