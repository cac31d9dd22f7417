"""The verbs that make one stage, as tests call them; and what tests ask of a recipe besides."""

from importlib import import_module

from pocketrag.commands.bundle import bundle
from pocketrag.commands.convert import convert
from pocketrag.commands.index import index
from pocketrag.commands.merge import merge
from pocketrag.commands.mine import mine
from pocketrag.commands.quantize import quantize
from pocketrag.commands.trim import trim
from pocketrag.commands.tune import tune
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run

__all__ = ["bundle", "convert", "index", "judge_float", "merge", "mine", "quantize", "splits", "trim", "tune"]


def judge_float(recipe, source, work="work"):
    """Score the base or the tuned model in float32, and say whether it ships."""
    project = Project.read(recipe, work=work)
    return import_module("pocketrag.training.judge").decided(project, source, run(project, "evaluate", source).facts)


def splits(recipe):
    """The corpus, the questions of each part, and all judgements."""
    split = import_module("pocketrag.training.division").divide(recipe)
    return split.passages, {"train": split.train, "dev": split.dev, "test": split.test}, split.qrels
