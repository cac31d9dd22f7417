"""The stage `student-NAME-SOURCE`: a distilled student as `embedder.tflite`, and how it searches.

It obeys the same contract as the full model and uses its tokenizer.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from pocketrag.console import progress, status
from pocketrag.errors import GateError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.index import FusionChoice, IndexFacts
from pocketrag.formats.facts.students import StudentFacts
from pocketrag.formats.layout import FUSION, MODEL, SPEC, STUDENT
from pocketrag.formats.tflite import weights_by_type
from pocketrag.formats.tokenizer import load_tokenizer
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.student_kinds import KINDS
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder

from .database.choose_way import choose_way, corpus_words
from .database.embed import EMBEDDINGS
from .prompt_room import need_room
from .sample_texts import token_rows
from .static.lower_student import lower_student

#: What int8 may cost: the table has a scale a row, and nothing else is rounded.
LEAST_COSINE = 0.999
#: A value of `Kind` in the recipe -> what writes its `.tflite`.
LOWER = {"static": lower_student, "model2vec": lower_student}


def export(job: Job) -> StudentFacts:
    """Convert a student to LiteRT, prove it against PyTorch, and choose its own way to search.

    Writes `MODEL`, its `SPEC`, the tokenizer, and `FUSION`, so that the stage's digest covers that too.

    Raises:
        InputError: the converter failed, or the student's prompt leaves no room for a question.
        GateError: the `.tflite` does not compute what PyTorch computes.

    """
    name, out = str(job.ref.student), job.out
    weights, student = job.inputs["distill"].folder / STUDENT, job.recipe.students[name]
    spec = _spec(job, student.query)
    status(f"converting {name}: {len(spec.lengths)} lengths; the table is stored once")
    LOWER[student.kind](weights, spec.lengths, out / MODEL)
    lite = LiteRtEmbedder(out, spec)
    least, n = _prove(job.recipe, student.kind, weights, lite)
    fusion = _fusion(job, lite)
    lite.close()
    (out / FUSION).write_text(files.to_json(fusion.as_json()), "utf-8")
    return StudentFacts(
        student=name,
        kind=student.kind,
        bytes=(out / MODEL).stat().st_size,
        weights=weights_by_type(out / MODEL),
        least_cosine_to_pytorch=round(least, 8),
        n=n,
        fusion=fusion,
    )


def _spec(job: Job, query: str) -> EmbedderSpec:
    teacher = job.inputs["convert"].folder
    spec = EmbedderSpec.model_validate(files.read_json(teacher / SPEC))
    spec = spec.model_copy(
        update={"quantization": "int8", "prompts": spec.prompts.model_copy(update={"query": query})}
    )
    shutil.copyfile(teacher / spec.tokenizer.file, job.out / spec.tokenizer.file)
    tokenize = load_tokenizer(job.out, spec.tokenizer)
    need_room(f"students.{job.ref.student}.query", query, tokenize, spec.lengths[-1])
    (job.out / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    return spec


def _prove(recipe: Recipe, kind: str, weights: Path, lite: LiteRtEmbedder) -> tuple[float, int]:
    spec = lite.spec
    rows = token_rows(recipe, spec.prompts, lite.tokenize, spec.lengths)
    student = KINDS[kind]
    wanted = student.encode(student.load(weights), rows)
    pairs = [
        (lite.embed_ids(ids), vector)
        for ids, vector in zip(progress(rows, "Comparing with PyTorch"), wanted, strict=True)
    ]
    if any(vector.any() != found.any() for found, vector in pairs):
        raise GateError(f"{MODEL}: gives zeros where PyTorch does not, or the other way round.")
    least = min(ranking.cosine(found, vector) for found, vector in pairs if vector.any())
    status(f"LiteRT to PyTorch: least cosine {least:.6f} over {len(rows)} texts")
    if not least >= LEAST_COSINE:
        raise GateError(
            f"{MODEL}: least cosine to PyTorch {least:.6f} < {LEAST_COSINE} over {len(rows)} texts."
        )
    return least, len(rows)


def _fusion(job: Job, lite: LiteRtEmbedder) -> FusionChoice:
    # Full text is the database's own, with or without stems. Most students see no order of words, and all see
    # rare ones worse than their teacher does, so both together unless that is worse.
    stems = job.facts("index", IndexFacts).fusion.stems
    passages = job.recipe.data.passages()
    vectors = np.load(Path(job.inputs["index"].folder, EMBEDDINGS), allow_pickle=False)
    return choose_way(
        job, passages, vectors, {stems: corpus_words(job.recipe, passages)[stems]}, lite, "hybrid"
    )
