"""The stage `student-NAME-SOURCE`: a distilled student as `embedder.tflite`, and how it searches.

It obeys the same contract as the full model.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.index import FusionChoice, IndexFacts
from pocketrag.formats.facts.students import StudentFacts
from pocketrag.formats.layout import FUSION, MODEL, SPEC
from pocketrag.formats.tflite import weights_by_type
from pocketrag.pipeline.stage import Job
from pocketrag.runtime.embedder import LiteRtEmbedder

from .database.choose_way import choose_way, corpus_words
from .database.embed import EMBEDDINGS
from .student_file import WRITERS, Distilled


def export(job: Job) -> StudentFacts:
    """Convert a student to LiteRT, prove it against PyTorch, and choose its own way to search.

    Writes `MODEL`, its `SPEC`, the tokenizer, and `FUSION`, so that the stage's digest covers that too.

    Raises:
        InputError: the converter failed, or the student's prompt leaves no room for a question.
        GateError: the `.tflite` does not compute what PyTorch computes.

    """
    name, out = str(job.ref.student), job.out
    kind = job.recipe.students[name].kind
    student = Distilled(job.recipe, name, job.inputs["distill"].folder, job.inputs["convert"].folder)
    proof = WRITERS[kind](student, out)
    lite = LiteRtEmbedder(out, EmbedderSpec.model_validate(files.read_json(out / SPEC)))
    fusion = _fusion(job, lite)
    lite.close()
    (out / FUSION).write_text(files.to_json(fusion.as_json()), "utf-8")
    return StudentFacts(
        student=name,
        kind=kind,
        bytes=(out / MODEL).stat().st_size,
        weights=weights_by_type(out / MODEL),
        least_cosine_to_pytorch=proof.to_pytorch,
        n=proof.n,
        quantization=proof.quantization,
        mean_cosine=proof.mean,
        least_cosine=proof.least,
        half=proof.half,
        fusion=fusion,
    )


def _fusion(job: Job, lite: LiteRtEmbedder) -> FusionChoice:
    # Full text is the database's own, with or without stems. Most students see no order of words, and all see
    # rare ones worse than their teacher does, so both together unless that is worse.
    stems = job.facts("index", IndexFacts).fusion.stems
    passages = job.recipe.data.passages()
    vectors = np.load(Path(job.inputs["index"].folder, EMBEDDINGS), allow_pickle=False)
    return choose_way(
        job, passages, vectors, {stems: corpus_words(job.recipe, passages)[stems]}, lite, "hybrid"
    )
