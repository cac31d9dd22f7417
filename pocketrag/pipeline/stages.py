"""The table of stages: what each is made from, and what makes it.

Order, keys and what must be made anew all follow from it.
"""

from __future__ import annotations

from pocketrag.formats.facts.bundle import BundleFacts
from pocketrag.formats.facts.evaluate import GuardFacts, JudgedFacts, OtherStageFacts
from pocketrag.formats.facts.export import ConvertFacts, QuantizeFacts
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.reference import ReferenceFacts
from pocketrag.formats.facts.split import SplitFacts
from pocketrag.formats.facts.training import MergeFacts, MineFacts, TuneFacts
from pocketrag.formats.facts.trim import TrimFacts
from pocketrag.formats.facts.verify import VerifySection
from pocketrag.recipe.recipe import Recipe

from .stage import After, StageRef, StageSpec

#: What the passages and the judged questions are.
JUDGED = ("corpus", "queries", "qrels")
TRAINING = ("train_corpus", "train_queries", "train_qrels", "train_pairs")
GUARD = ("guard_corpus", "guard_queries", "guard_qrels")


def _tuned(_: Recipe, ref: StageRef) -> bool:
    return ref.source == "tuned"


def _tunes(recipe: Recipe, _: StageRef) -> bool:
    return recipe.train.method != "none"


def _trims(recipe: Recipe, _: StageRef) -> bool:
    return recipe.trim is not None


def _guards(recipe: Recipe, ref: StageRef) -> bool:
    return _tuned(recipe, ref) and ref.sample is None and recipe.data.guard_queries is not None


def _chooses_fusion(recipe: Recipe, ref: StageRef) -> bool:
    # Tuning sets development questions aside; without it, or with training questions of other passages, all
    # judged ones choose.
    return _tunes(recipe, ref) and recipe.data.train_corpus is None


#: Where tuning starts and the base is converted from: the base's folder, or the trimmed one.
START = (After("trim", when=_trims),)
#: The float model of a source: where tuning starts, or the merged one.
EMBEDDER = (
    After("merge", when=_tuned),
    After("trim", when=lambda recipe, ref: _trims(recipe, ref) and not _tuned(recipe, ref)),
)
#: The float model that losses are measured against: of the base, the one before trimming.
REFERENCE = (After("merge", when=_tuned),)

STAGES = {
    spec.name: spec
    for spec in (
        StageSpec(
            "trim",
            "pocketrag.export.trim",
            "trim",
            TrimFacts,
            model=True,
            data=("corpus", "queries", "train_queries", "train_pairs", "unjudged"),
            settings=("prompts", "trim"),
        ),
        StageSpec(
            "split",
            "pocketrag.training.data.make_split",
            "split",
            SplitFacts,
            data=(*JUDGED, *TRAINING),
            settings=(
                "data.empty",
                "tunes",
                "train.seed",
                "train.questions",
                "train.difficulties",
                "train.categories",
            ),
            automatic=True,
        ),
        StageSpec(
            "mine",
            "pocketrag.training.mine",
            "mine",
            MineFacts,
            after=(After("split"), *START),
            model=True,
            data=(*JUDGED, *TRAINING),
            settings=("name", "prompts", "train.strategy", "train.negatives", "train.relative_margin"),
        ),
        StageSpec(
            "tune",
            "pocketrag.training.tune",
            "tune",
            TuneFacts,
            after=(After("split"), After("mine"), *START),
            model=True,
            data=("corpus", "queries", "train_corpus"),
            settings=("prompts", "training", "longest", "stored"),
        ),
        StageSpec(
            "merge",
            "pocketrag.training.merge",
            "merge",
            MergeFacts,
            after=(After("split"), After("tune"), *START),
            model=True,
            data=("corpus", "queries", "train_corpus"),
            settings=("name", "version", "card", "prompts", "training", "merge", "longest"),
        ),
        StageSpec(
            "reference",
            "pocketrag.pipeline.reference_vectors",
            "embed",
            ReferenceFacts,
            after=REFERENCE,
            model=True,
            data=("corpus", "queries", "unjudged"),
            settings=("prompts", "export.long_passages"),
            sourced=True,
            automatic=True,
            reuse=("base", "merge", "prompts", "export.long_passages"),
        ),
        StageSpec(
            "guard",
            "pocketrag.bench.quality.guard",
            "guard",
            GuardFacts,
            after=REFERENCE,
            model=True,
            data=GUARD,
            settings=("prompts",),
            sourced=True,
            automatic=True,
        ),
        StageSpec(
            "evaluate",
            "pocketrag.bench.quality.judge",
            "evaluate_float",
            JudgedFacts,
            after=(
                After("split"),
                After("reference"),
                *REFERENCE,
                After("evaluate", "base", when=_tuned),
                After("guard", "base", when=_guards),
                After("guard", "tuned", when=_guards),
            ),
            model=True,
            data=(*JUDGED, "unanswerable"),
            settings=("prompts", "sample"),
            sourced=True,
            sampled=True,
            automatic=True,
        ),
        StageSpec(
            "convert",
            "pocketrag.export.convert",
            "convert",
            ConvertFacts,
            after=EMBEDDER,
            model=True,
            data=("corpus", "queries"),
            settings=("prompts", "export.lengths", "export.dims"),
            sourced=True,
        ),
        StageSpec(
            "quantize",
            "pocketrag.export.quantize",
            "quantize",
            QuantizeFacts,
            after=(After("convert"), *EMBEDDER),
            model=True,
            data=("corpus", "queries", "unjudged"),
            settings=("export.quantization",),
            sourced=True,
        ),
        StageSpec(
            "index",
            "pocketrag.export.index",
            "index",
            IndexFacts,
            after=(
                After("quantize"),
                After("reference", when=lambda recipe, ref: recipe.export.documents == "float"),
                After("split", when=_chooses_fusion),
            ),
            data=JUDGED,
            settings=(
                "name",
                "version",
                "export.documents",
                "export.long_passages",
                "search.language",
                "search.also",
            ),
            sourced=True,
            # Name, version and sqlite-vec's table decide no vector: a release changes them together with the
            # corpus.
            reuse=("quantize", "export.documents", "export.long_passages"),
        ),
        StageSpec(
            "evaluate-shipped",
            "pocketrag.bench.quality.judge",
            "evaluate_shipped",
            JudgedFacts,
            after=(
                After("split"),
                After("quantize"),
                After("index"),
                After("reference"),
                After("evaluate", "base"),
            ),
            data=(*JUDGED, "unjudged", "unanswerable"),
            settings=("name", "searched", "sample"),
            sourced=True,
            sampled=True,
            automatic=True,
        ),
        StageSpec(
            "evaluate-other",
            "pocketrag.bench.quality.judge",
            "evaluate_other",
            OtherStageFacts,
            after=(After("split"), After("evaluate", "base")),
            data=JUDGED,
            settings=("sample",),
            sampled=True,
            automatic=True,
        ),
        StageSpec(
            "bundle",
            "pocketrag.export.bundle",
            "bundle",
            BundleFacts,
            after=(
                After("quantize"),
                After("index"),
                *REFERENCE,
                After("evaluate", "tuned", when=_tunes, optional=True),
                After("evaluate-shipped", optional=True),
                After("evaluate-shipped", "tuned", when=_tunes, optional=True),
            ),
            model=True,
            data=("corpus", "queries"),
            settings=("source", "packed", "model", "verdict", "measured"),
            sourced=True,
            one_folder=True,
        ),
        StageSpec(
            "verify",
            "pocketrag.bench.verify",
            "verified",
            VerifySection,
            after=(After("bundle"),),
            settings=("processor",),
            sourced=True,
            one_folder=True,
        ),
    )
}
