"""What rows of the table of stages share: files of [data], edges, and the conditions that they hold under."""

from __future__ import annotations

from pocketrag.recipe.recipe import Recipe

from .stage import After, StageRef

#: What the passages and the judged questions are.
JUDGED = ("corpus", "queries", "qrels")
TRAINING = (
    "train_corpus",
    "train_queries",
    "train_qrels",
    "train_pairs",
    "synthetic_queries",
    "synthetic_qrels",
)
GUARD = ("guard_corpus", "guard_queries", "guard_qrels")


def tuned(_: Recipe, ref: StageRef) -> bool:
    """Say whether the stage is made from the tuned model."""
    return ref.source == "tuned"


def tunes(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the recipe tunes."""
    return recipe.train.method != "none"


def by_questions(recipe: Recipe, _: StageRef) -> bool:
    """Say whether questions alone are tuned, against the base's vectors of the passages."""
    return recipe.train.by_questions


def keeps_passages(recipe: Recipe, ref: StageRef) -> bool:
    """Say whether the stage is of a tuned model whose passages are the base's."""
    return tuned(recipe, ref) and by_questions(recipe, ref)


def trims(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the vocabulary is trimmed."""
    return recipe.trim is not None


def for_npus(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the model is compiled for NPUs, too."""
    return bool(recipe.export.npu)


def for_litertlm(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the bundle holds the model for LiteRT-LM, too."""
    return recipe.export.litertlm


def guards(recipe: Recipe, ref: StageRef) -> bool:
    """Say whether a second evaluation set judges the tuned model."""
    return tuned(recipe, ref) and ref.sample is None and recipe.data.guard_queries is not None


def chooses_fusion(recipe: Recipe, ref: StageRef) -> bool:
    """Say whether development questions choose how to search."""
    # Tuning sets development questions aside; without it, or with training questions of other passages, all
    # judged ones choose.
    return tunes(recipe, ref) and recipe.data.has_questions and recipe.data.train_corpus is None


def chooses_unjudged(recipe: Recipe, ref: StageRef) -> bool:
    """Say whether questions that a model wrote choose between base and tuned, since there are no others."""
    return tunes(recipe, ref) and not recipe.data.has_questions


def has_students(recipe: Recipe, _: StageRef) -> bool:
    """Say whether students are trained."""
    return bool(recipe.taught)


#: Where tuning starts and the base is converted from: the base's folder, or the trimmed one.
START = (After("trim", when=trims),)
#: The float model of a source: where tuning starts, or the merged one.
EMBEDDER = (
    After("merge", when=tuned),
    After("trim", when=lambda recipe, ref: trims(recipe, ref) and not tuned(recipe, ref)),
)
#: The float model that losses are measured against: of the base, the one before trimming.
REFERENCE = (After("merge", when=tuned),)
#: The same with the base's vectors of the passages, where questions alone are tuned.
REFERENCE_OF_PASSAGES = (*REFERENCE, After("reference", "base", when=keeps_passages))
#: The float model that embedded the passages, where it was made here: the tuned one, unless it asks only.
PASSAGES_MODEL = After(
    "merge", when=lambda recipe, ref: tuned(recipe, ref) and not keeps_passages(recipe, ref)
)
#: Vectors of the passages that training and development name, where questions alone are tuned.
FIXED = After("fixed", when=by_questions)
#: Every student that the recipe tries.
STUDENTS = After("student", each=lambda recipe: recipe.taught)
#: The weights that they were exported from.
DISTILLED = After("distill", each=lambda recipe: recipe.taught)
