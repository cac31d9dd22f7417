"""`pocketrag quantize`: float32 `.tflite` -> int8 or int4, and what that cost in cosine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import files, stage
from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.litert import MODEL, EmbedderSpec, LiteRtEmbedder
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.stored import weights_by_type
from pocketrag.work import Work, converted

from .convert import SAMPLE, SPEC, ships
from .quantizations import QUANTIZATIONS, Quantization, quantizer_recipe
from .sample import texts

WING = Path(__file__).parent


def quantize(recipe: str, *, source: str | None = None, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Quantize the converted model as the recipe's `[export] quantization` says.

    Raises:
        InputError: `convert` has not run.
        GateError: the quantizer silently left the weights as they were, or the vectors are not unit vectors.

    """
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    source = source or ships(chosen, rooms)
    before = converted(chosen, rooms, source, recipe)
    name = chosen.export.quantization
    done = stage.run(
        rooms.folder(f"quantize-{source}"),
        WING,
        inputs={"convert": before.digest, **chosen.data_digests()},
        settings={"quantization": name},
        make=lambda out: _make(chosen, QUANTIZATIONS[name], before.folder, out),
    )
    return {"folder": str(done.folder), "source": source, **done.facts}


def _make(recipe: Recipe, quantization: Quantization, source: Path, out: Path) -> dict[str, Any]:
    before = EmbedderSpec.model_validate(files.read_json(source / SPEC))
    spec = before.model_copy(update={"quantization": quantization.name})
    shutil.copyfile(source / spec.tokenizer.file, out / spec.tokenizer.file)
    (out / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    _quantize(quantization, source / MODEL, out / MODEL)
    stored = _stored(quantization, source / MODEL, out / MODEL)
    return {
        "quantization": quantization.name,
        **stored,
        **_loss(recipe, LiteRtEmbedder(source, before), LiteRtEmbedder(out, spec)),
    }


def _quantize(quantization: Quantization, source: Path, target: Path) -> None:
    if not quantization.rows:
        shutil.copyfile(source, target)
        return
    from ai_edge_quantizer import quantizer

    status(f"quantizing to {quantization.name}")
    worker = quantizer.Quantizer(str(source))
    worker.load_quantization_recipe(quantizer_recipe(quantization))
    worker.quantize(enable_progress_report=False).export_model(str(target))


def _stored(quantization: Quantization, source: Path, target: Path) -> dict[str, Any]:
    weights = weights_by_type(target)
    left = weights.get("float32", 0)
    # Some recipes of the quantizer match nothing and say nothing (its dynamic_wi8b32 does): count what the file holds.
    if quantization.rows and (left or not weights):
        raise GateError(f"{MODEL}: {quantization.name} left {left:,} of {sum(weights.values()):,} weights in float32.")
    return {"bytes_float32": source.stat().st_size, "bytes": target.stat().st_size, "weights": weights}


def _loss(recipe: Recipe, before: LiteRtEmbedder, after: LiteRtEmbedder) -> dict[str, Any]:
    sample = texts(recipe, after.spec.prompts, SAMPLE)
    left, right = (
        before.embed_many(sample, "Embedding in float32"),
        after.embed_many(sample, f"Embedding in {after.spec.quantization}"),
    )
    norms = np.linalg.norm(right, axis=1)
    if not (np.isfinite(right).all() and np.abs(norms - 1).max() < 1e-3):
        raise GateError(f"{MODEL}: {after.spec.quantization} gives vectors that are not of unit length.")
    cosines = (left * right).sum(1)
    status(f"{after.spec.quantization} against float32: cosine mean {cosines.mean():.5f}, least {cosines.min():.5f}")
    return {"mean_cosine": round(float(cosines.mean()), 6), "least_cosine": round(float(cosines.min()), 6), "n": len(sample)}
