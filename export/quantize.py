"""`pocketrag quantize`: float32 `.tflite` -> int8, int4 or a mixture, and what that cost in cosine."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.export import QuantizeFacts
from pocketrag.formats.layout import EXPONENTS, MODEL, SPEC
from pocketrag.formats.tflite import weights_by_type
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.quantization import Quantization, kind_of, quantization
from pocketrag.recipe.recipe import Recipe
from pocketrag.runtime.embedder import LiteRtEmbedder

from .half.fit import rescaled
from .quantization.apply_plan import quantize_file
from .quantization.deduplicate import slim
from .quantization.folded_norms import folded
from .quantization.plan import Plan, matrices, plan
from .sample_texts import calibration, texts

#: How many texts tell what a quantization costs in cosine.
SAMPLE = 96


def quantize(job: Job) -> QuantizeFacts:
    """Quantize the converted model as the recipe's `[export] quantization` says.

    Raises:
        GateError: a matrix is not stored as the quantization says, or the vectors are not unit vectors.

    """
    recipe = job.recipe
    chosen = quantization(recipe.export.quantization)
    return quantize_folder(recipe, chosen, job.embedder, job.inputs["convert"].folder, job.out)


def quantize_folder(
    recipe: Recipe, chosen: Quantization, embedder: Path, source: Path, out: Path
) -> QuantizeFacts:
    """Quantize a converted model; write `MODEL`, its `SPEC` and the tokenizer into the folder `out`.

    Args:
        recipe: whose texts calibrate and measure.
        chosen: how weights are stored.
        embedder: the model's folder in PyTorch.
        source: what `convert_folder` wrote of it.
        out: the folder to write into.

    Raises:
        GateError: as `quantize` does.

    """
    before = EmbedderSpec.model_validate(files.read_json(source / SPEC))
    spec = before.model_copy(update={"quantization": chosen.name})
    shutil.copyfile(source / spec.tokenizer.file, out / spec.tokenizer.file)
    (out / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    float_lite = LiteRtEmbedder(source, before)
    rows = (
        calibration(recipe, spec.prompts, float_lite.tokenize, spec.lengths[-1]) if chosen.calibrated else []
    )
    slimmed, kept = quantize_model(chosen, embedder, spec.dims, rows, source / MODEL, out / MODEL)
    mean, least, n = _loss(recipe, float_lite, LiteRtEmbedder(out, spec))
    return QuantizeFacts(
        quantization=chosen.name,
        bytes_slimmed=slimmed,
        calibration_texts=len(rows),
        kept_in_int8=kept,
        bytes_float32=(source / MODEL).stat().st_size,
        bytes=(out / MODEL).stat().st_size,
        weights=weights_by_type(out / MODEL),
        mean_cosine=mean,
        least_cosine=least,
        n=n,
    )


def quantize_model(
    chosen: Quantization, embedder: Path, dims: int, rows: list[list[int]], source: Path, target: Path
) -> tuple[int, tuple[str, ...]]:
    """Quantize a `.tflite`; return the bytes saved by slimming, and the matrices that were kept in int8.

    Args:
        chosen: how weights are stored.
        embedder: the model's folder in PyTorch.
        dims: of its vectors.
        rows: token ids of texts that calibrate; empty where `chosen` needs none.
        source: what `convert_folder` wrote, `EXPONENTS` beside it.
        target: the file to write.

    Raises:
        GateError: a matrix is not stored as `chosen` says.

    """
    originals, planned = plan_model(chosen, embedder, dims, rows, source)
    status(f"quantizing to {chosen.name}")
    quantize_file(source, target, originals, planned)
    saved = slim(target) if chosen.types != {"float32"} else 0
    return saved, tuple(sorted(planned.kept))


def plan_model(
    chosen: Quantization, embedder: Path, dims: int, rows: list[list[int]], source: Path
) -> tuple[dict[str, np.ndarray], Plan]:
    """Decide how each matrix of an embedder is stored; the same inputs give the same plan.

    Return its encoder's matrices float32 [out, in] by module name, and the plan. The arguments are those of
    `quantize_model`.

    Raises:
        GateError: levels can't be calibrated for what the converter made of a matrix.

    """
    exponents = source.with_name(EXPONENTS)
    longest = max(map(len, rows), default=1)
    encoder = rescaled(read_embedder(embedder), longest, dims, files.read_json(exponents))
    originals = {name: module.weight.detach().numpy().copy() for name, module in matrices(encoder).items()}
    calibrated = [name for name in originals if chosen.store(kind_of(name)).algorithm == "gptq"]
    columns = folded(source, originals, calibrated) if calibrated else {}
    return originals, plan(encoder, chosen, rows, columns)


def _loss(recipe: Recipe, before: LiteRtEmbedder, after: LiteRtEmbedder) -> tuple[float, float, int]:
    # Mean and least cosine of n texts.
    sample = texts(recipe, after.spec.prompts, SAMPLE)
    left, right = (
        before.embed_many(sample, "Embedding in float32"),
        after.embed_many(sample, f"Embedding in {after.spec.quantization}"),
    )
    norms = np.linalg.norm(right, axis=1)
    if not (np.isfinite(right).all() and np.abs(norms - 1).max() < 1e-3):
        raise GateError(f"{MODEL}: {after.spec.quantization} gives vectors that are not of unit length.")
    cosines = (left * right).sum(1)
    status(
        f"{after.spec.quantization} against float32: cosine mean {cosines.mean():.5f}, least "
        f"{cosines.min():.5f}"
    )
    return round(float(cosines.mean()), 6), round(float(cosines.min()), 6), len(sample)
