"""The stage that embeds every passage, and a sample of questions, with the reference model."""

from __future__ import annotations

from pocketrag.formats.facts.reference import ReferenceFacts
from pocketrag.reference import float_vectors

from .stage import Job


def embed(job: Job) -> ReferenceFacts:
    """Embed all passages and the agreement questions with the float model of a source, float32 [n, dims]."""
    return float_vectors.embed(job.recipe, job.prompts, job.reference, job.out, job.earlier_by)
