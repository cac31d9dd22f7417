"""The stages that students need: their teacher's vectors, training, export, the ladder."""

from __future__ import annotations

from pocketrag.formats.facts.students import DistillFacts, LadderFacts, StudentFacts, TeacherFacts

from ..edges import EMBEDDER, JUDGED, REFERENCE, STUDENTS, TRAINING, chooses_fusion, tuned
from ..stage import After, StageSpec

STUDENT_STAGES = (
    StageSpec(
        "teacher",
        "pocketrag.training.students.teacher",
        "teach",
        TeacherFacts,
        after=(After("split"), *REFERENCE),
        model=True,
        data=(*JUDGED, *TRAINING, "unjudged", "unanswerable", "guard_queries", "negations"),
        settings=("prompts", "teacher", "search.language"),
        sourced=True,
        automatic=True,
        # Which texts are asked changes no vector of the others.
        reuse=("base", "merge", "prompts"),
    ),
    StageSpec(
        "distill",
        "pocketrag.training.students.distill",
        "distill",
        DistillFacts,
        after=(After("teacher"), After("split"), After("reference"), After("convert"), *EMBEDDER),
        model=True,
        data=(*JUDGED, "unjudged"),
        settings=("student",),
        sourced=True,
        studied=True,
    ),
    StageSpec(
        "student",
        "pocketrag.export.export_student",
        "export",
        StudentFacts,
        after=(After("distill"), After("convert"), After("index"), After("split", when=chooses_fusion)),
        data=(*JUDGED, "unjudged"),
        settings=("exported", "search.language"),
        sourced=True,
        studied=True,
        automatic=True,
    ),
    StageSpec(
        "ladder",
        "pocketrag.bench.quality.ladder",
        "climb",
        LadderFacts,
        after=(
            After("split"),
            After("quantize"),
            After("index"),
            After("reference"),
            After("evaluate", "base", when=tuned),
            STUDENTS,
        ),
        data=(*JUDGED, "unjudged", "unanswerable", "negations"),
        settings=("name", "searched", "search.mode", "ship", "limits"),
        sourced=True,
        automatic=True,
    ),
)
