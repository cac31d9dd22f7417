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
from pocketrag.formats.facts.training import FixedFacts, MergeFacts, MineFacts, TuneFacts
from pocketrag.formats.facts.trim import TrimFacts
from pocketrag.formats.facts.verify import VerifySection

from .edges import (
    DISTILLED,
    EMBEDDER,
    FIXED,
    GUARD,
    JUDGED,
    REFERENCE,
    REFERENCE_OF_PASSAGES,
    START,
    STUDENTS,
    TRAINING,
    chooses_fusion,
    guards,
    has_students,
    keeps_passages,
    tuned,
    tunes,
)
from .generator_stages import GENERATOR_STAGES
from .stage import After, StageSpec
from .student_stages import STUDENT_STAGES

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
            "fixed",
            "pocketrag.training.fix_passages",
            "fix",
            FixedFacts,
            after=(After("split"), After("mine"), After("reference", "base")),
            model=True,
            data=("corpus", "train_corpus"),
            settings=("prompts", "export.long_passages", "train.dev_passages"),
            automatic=True,
            # Which passages are named changes no vector.
            reuse=("base", "prompts", "export.long_passages"),
        ),
        StageSpec(
            "tune",
            "pocketrag.training.tune",
            "tune",
            TuneFacts,
            after=(After("split"), After("mine"), *START, FIXED),
            model=True,
            data=("corpus", "queries", "train_corpus"),
            settings=("prompts", "training", "longest", "stored"),
        ),
        StageSpec(
            "merge",
            "pocketrag.training.merge",
            "merge",
            MergeFacts,
            after=(After("split"), After("tune"), *START, FIXED),
            model=True,
            data=("corpus", "queries", "train_corpus"),
            settings=("name", "version", "card", "prompts", "training", "merge", "longest"),
        ),
        StageSpec(
            "reference",
            "pocketrag.pipeline.reference_vectors",
            "embed",
            ReferenceFacts,
            after=REFERENCE_OF_PASSAGES,
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
            after=(*REFERENCE, After("guard", "base", when=keeps_passages)),
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
                After("evaluate", "base", when=tuned),
                After("guard", "base", when=guards),
                After("guard", "tuned", when=guards),
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
                After("split", when=chooses_fusion),
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
                After("evaluate", "tuned", when=tunes, optional=True),
                After("evaluate-shipped", optional=True),
                After("evaluate-shipped", "tuned", when=tunes, optional=True),
                After("ladder", when=has_students),
                STUDENTS,
                DISTILLED,
                After("teacher", when=has_students),
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
            after=(After("bundle"), After("reference", "base", when=keeps_passages)),
            data=("corpus",),
            settings=("processor",),
            sourced=True,
            one_folder=True,
        ),
        *STUDENT_STAGES,
        *GENERATOR_STAGES,
    )
}
