"""The verbs as tests call them, with their facts as JSON values; and what tests ask of a recipe besides."""

from importlib import import_module

from pocketrag.formats.facts.base import as_json
from pocketrag.formats.facts.phone.latency import ReferenceTimes, RunFacts, Times
from pocketrag.formats.facts.phone.prediction import PredictionFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run

__all__ = [
    *(
        "aar",
        "answer_lines",
        "bundle",
        "check",
        "chunk",
        "convert",
        "differing",
        "environment",
        "evaluate",
        "fallback",
        "gradle",
        "import_",
    ),
    *(
        "index",
        "instruct",
        "judge",
        "judge_float",
        "latency",
        "merge",
        "mine",
        "model_id",
        "notes",
        "parity",
        "predict",
        "quantize",
        "questions",
        "ragged",
    ),
    *(
        "release",
        "report",
        "search",
        "splits",
        "summary",
        "table_columns",
        "table_rows",
        "trim",
        "tune",
        "update",
    ),
]


def _as_json(module, name):
    """The function `name` of a module, which returns facts; here they come as JSON values."""
    return lambda *given, **named: as_json(
        getattr(import_module(f"pocketrag.{module}"), name)(*given, **named)
    )


bundle, convert, index, instruct, merge, mine, quantize, trim, tune = (
    _as_json(f"cli.commands.{name}", name)
    for name in ("bundle", "convert", "index", "instruct", "merge", "mine", "quantize", "trim", "tune")
)
aar = _as_json("export.aar", "aar")
check = _as_json("training.check", "check")
chunk = _as_json("ingest.chunk", "chunk")
differing = _as_json("bench.comparison.token_pieces", "differing")
environment = _as_json("formats.environment", "environment")
evaluate = _as_json("bench.evaluate", "evaluate")
fallback = _as_json("versions.fallback", "fallback")
gradle = _as_json("export.gradle", "gradle")
import_ = _as_json("ingest.import_", "import_")
judge = _as_json("bench.timing.noise", "judge_quietness")
latency = _as_json("bench.latency", "latency")
model_id = _as_json("versions.model_id", "model_id")
parity = _as_json("bench.parity", "parity")
questions = _as_json("ingest.questions", "questions")
predict = _as_json("bench.prediction.predict", "predict")
release = _as_json("versions.release", "release")
report = _as_json("bench.report", "report")
search = _as_json("runtime.search", "search")
update = _as_json("versions.update", "update")
summary = _as_json("bench.timing.noise", "summary")


def notes(judged):
    return import_module("pocketrag.bench.timing.noise").notes(ReferenceTimes.read(judged))


def ragged(run):
    times = {int(length): Times(**{"n": 1, "p99_ms": 0.0, **row}) for length, row in run["lengths"].items()}
    return import_module("pocketrag.bench.timing.noise").ragged(
        RunFacts.model_construct(**{**run, "lengths": times})
    )


def _of_prediction(name):
    return lambda facts: getattr(import_module("pocketrag.bench.prediction.predict"), name)(
        PredictionFacts.read(facts)
    )


answer_lines, table_columns, table_rows = map(_of_prediction, ("answer_lines", "table_columns", "table_rows"))


def judge_float(recipe, source, work="work"):
    """Score the base or the tuned model in float32, and say whether it ships."""
    project = Project.read(recipe, work=work)
    return as_json(
        import_module("pocketrag.bench.quality.judge").decided(
            project, source, run(project, "evaluate", source)
        )
    )


def splits(recipe):
    """The corpus, the questions of each part, and all judgements."""
    split = import_module("pocketrag.training.data.make_split").divide(recipe)
    return split.passages, {"train": split.train, "dev": split.dev, "test": split.test}, split.qrels
