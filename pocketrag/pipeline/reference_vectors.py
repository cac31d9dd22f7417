"""The stage that embeds every passage, and a sample of questions, with the reference model."""

from __future__ import annotations

from pocketrag.formats.facts.reference import ReferenceFacts
from pocketrag.reference import float_vectors

from .stage import Job


def embed(job: Job) -> ReferenceFacts:
    """Embed all passages and the agreement questions with the float model of a source, float32 [n, dims].

    Where questions alone were tuned, the passages' vectors are the base's, byte for byte.
    """
    given = job.recipe, job.prompts, job.reference, job.out, job.earlier_by
    if "reference-base" not in job.inputs:
        return float_vectors.embed(*given, job.checkpoints())
    base = job.facts("reference-base", ReferenceFacts)
    return float_vectors.embed_questions(*given, job.inputs["reference-base"].folder, base)
