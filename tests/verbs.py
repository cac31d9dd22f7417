"""The verbs that make one stage, as tests call them, with their facts as JSON; and what tests ask of a recipe besides."""

from functools import wraps
from importlib import import_module

from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run


def _verb(module, name):
    function = getattr(import_module(f"pocketrag.{module}"), name)
    return wraps(function)(lambda *given, **named: function(*given, **named).as_json())


bundle, convert, index, merge, mine, quantize, trim, tune = (
    _verb(f"commands.{name}", name) for name in ("bundle", "convert", "index", "merge", "mine", "quantize", "trim", "tune")
)
evaluate = _verb("training.evaluate", "evaluate")


def judge_float(recipe, source, work="work"):
    """Score the base or the tuned model in float32, and say whether it ships."""
    project = Project.read(recipe, work=work)
    decided = import_module("pocketrag.training.judge").decided
    return decided(project, source, run(project, "evaluate", source)).as_json()


def splits(recipe):
    """The corpus, the questions of each part, and all judgements."""
    split = import_module("pocketrag.training.division").divide(recipe)
    return split.passages, {"train": split.train, "dev": split.dev, "test": split.test}, split.qrels
