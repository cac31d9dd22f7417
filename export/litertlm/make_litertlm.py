"""Stage `litertlm`: the quantized model once more, as one file for LiteRT-LM's EmbeddingEngine."""

from __future__ import annotations

import shutil
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.engine_tokenizer import engine_faults
from pocketrag.formats.facts.litertlm import LitertlmFacts
from pocketrag.formats.layout import EXPONENTS, LITERTLM, MODEL, SPEC
from pocketrag.formats.tokenizer import load_tokenizer
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.quantization import quantization

from ..quantization.apply_plan import quantize_file
from ..quantization.deduplicate import slim
from ..quantization.quantizer_package import versions
from ..quantize import plan_model
from ..sample_texts import calibration
from .embedding_file import assemble_embedder
from .halves import TABLE
from .lower_halves import TABLE_FILE, TEXT_FILE, lower_halves

#: Packages that decide the file's bytes.
TOOLS = ("litert-lm-builder", "litert-torch", "torch", "transformers")


def litertlm(job: Job) -> LitertlmFacts:
    """Write `LITERTLM`: table, text encoder, tokenizer, special tokens and prompts.

    Each matrix is stored as it is in the quantized model.

    Raises:
        InputError: EmbeddingEngine can't take the family or the tokenizer.
        GateError: a matrix is not stored as the quantization says.

    """
    if fault := next(engine_faults(read_embedder(job.embedder)), None):
        raise InputError(fault)
    source = job.inputs["quantize"].folder
    spec = EmbedderSpec.model_validate(files.read_json(source / SPEC))
    # In a folder of its own below the stage's, which goes before anything is digested.
    work = job.out / "work"
    work.mkdir()
    table, text = _halves(job, spec, work)
    special = assemble_embedder(table, text, source, spec, job.out / LITERTLM)
    shutil.rmtree(work)
    return LitertlmFacts(
        file=LITERTLM,
        bytes=(job.out / LITERTLM).stat().st_size,
        sha256=files.sha256(job.out / LITERTLM),
        model=files.sha256(source / MODEL),
        lengths=spec.lengths,
        before=special.before,
        after=special.after,
        tools=versions(TOOLS),
    )


def _halves(job: Job, spec: EmbedderSpec, work: Path) -> tuple[Path, Path]:
    source = job.inputs["convert"].folder / MODEL
    status(f"converting the table and {len(spec.lengths)} lengths for LiteRT-LM")
    lower_halves(job.embedder, spec.lengths, work, spec.dims, files.read_json(source.with_name(EXPONENTS)))
    chosen = quantization(job.recipe.export.quantization)
    tokenize = load_tokenizer(job.inputs["quantize"].folder, spec.tokenizer)
    rows = calibration(job.recipe, spec.prompts, tokenize, spec.lengths[-1]) if chosen.calibrated else []
    originals, planned = plan_model(chosen, job.embedder, spec.dims, rows, source)
    status(f"quantizing both to {chosen.name}")
    names = {TABLE_FILE: {TABLE}, TEXT_FILE: set(originals) - {TABLE}}
    for file, those in names.items():
        target = work / f"stored.{file}"
        part = {name: matrix for name, matrix in originals.items() if name in those}
        quantize_file(work / file, target, part, planned.of(those))
        if chosen.types != {"float32"}:
            slim(target)
        (work / file).unlink()
    return work / f"stored.{TABLE_FILE}", work / f"stored.{TEXT_FILE}"
