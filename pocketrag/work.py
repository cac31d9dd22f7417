"""Where the stages of a recipe lie, `work/<name>/<stage>/`, and what each must have been made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag import stage
from pocketrag.embedder import defaults_of, fingerprint, locate
from pocketrag.manifest import Fusion
from pocketrag.notice import notice
from pocketrag.prompts import Prompts
from pocketrag.recipe import Recipe
from pocketrag.stage import Stage

#: What `mine` leaves for `index`: the development questions, `_id`, `text` and `relevant` (passage id -> score).
DEVELOPMENT = "development.jsonl"


@dataclass(frozen=True)
class Work:
    """The work folder of one recipe."""

    root: str
    name: str

    def folder(self, name: str) -> Path:
        """Return the folder of a stage; it need not exist."""
        return Path(self.root, self.name, name)

    def has(self, name: str) -> bool:
        """Say whether a stage is there and whole."""
        return stage.load(self.folder(name)) is not None


def prompts_of(recipe: Recipe) -> Prompts:
    """Return the recipe's prompts, or those of the base's own configuration; a tuned model is asked by the same."""
    return recipe.prompts or defaults_of(locate(recipe.model.base, recipe.model.revision))


def origin(recipe: Recipe, rooms: Work, file: str) -> dict[str, Any]:
    """Return what every stage of training is made from: the key that a stage of another recipe can't have."""
    before = trimmed_from(recipe)
    start = fingerprint(start_of(recipe, rooms, file))
    return {
        "inputs": {**before["inputs"], "start": start},
        "settings": {**before["settings"], "train": recipe.train.model_dump()},
    }


def tuned_from(recipe: Recipe, rooms: Work, file: str) -> dict[str, Any]:
    """Return what a tuned model is made from: `origin`, the length of its scores, how it is stored if that matters."""
    made_from = origin(recipe, rooms, file)
    stored = recipe.export.quantization if recipe.train.quantization_aware else None
    return {**made_from, "settings": {**made_from["settings"], "longest": recipe.export.lengths[-1], "quantization": stored}}


def merged_from(recipe: Recipe, rooms: Work, file: str) -> dict[str, Any]:
    """Return what a merged model is made from: `tuned_from`, and how much of the tuning."""
    made_from = tuned_from(recipe, rooms, file)
    return {**made_from, "settings": {**made_from["settings"], "merge": recipe.merge.model_dump()}}


def judged_tuned(recipe: Recipe, rooms: Work, file: str) -> Stage | None:
    """Return the evaluation of the present tuned model in float32, against the present base; None where it was not judged."""
    if recipe.train.method == "none" or (merged := stage.find(rooms.folder("merge"), **merged_from(recipe, rooms, file))) is None:
        return None
    settings = {"train": recipe.train.model_dump(), "prompts": prompts_of(recipe).model_dump()}
    inputs = {**recipe.judging_digests(), "embedder": fingerprint(merged.folder)}
    return stage.find(rooms.folder("evaluate-tuned"), inputs, settings)


def trimmed_from(recipe: Recipe) -> dict[str, Any]:
    """Return what the trimmed base is made from."""
    base = fingerprint(locate(recipe.model.base, recipe.model.revision))
    settings = {"prompts": prompts_of(recipe).model_dump(), "trim": _trim(recipe)}
    return {"inputs": {**recipe.data_digests(), "base": base}, "settings": settings}


def start_of(recipe: Recipe, rooms: Work, file: str) -> Path:
    """Return the folder that is tuned or converted: the base's, or the trimmed one where the recipe has [trim]."""
    if recipe.trim is None:
        return locate(recipe.model.base, recipe.model.revision)
    return stage.need(rooms.folder("trim"), "trim", file, **trimmed_from(recipe)).folder


def embedder_of(recipe: Recipe, rooms: Work, source: str, file: str) -> Path:
    """Return the float folder of a source: where tuning starts ("base"), or the merged one ("tuned")."""
    if source == "base":
        return start_of(recipe, rooms, file)
    return stage.need(rooms.folder("merge"), "merge", file, **merged_from(recipe, rooms, file)).folder


def twin_of(recipe: Recipe, rooms: Work, source: str, file: str) -> Path:
    """Return the float twin of a source, against which losses are measured: for "base" it is the untrimmed one."""
    if source == "base":
        return locate(recipe.model.base, recipe.model.revision)
    return embedder_of(recipe, rooms, source, file)


def _trim(recipe: Recipe) -> dict[str, Any] | None:
    return recipe.trim.model_dump() if recipe.trim else None


def converted(recipe: Recipe, rooms: Work, source: str, file: str) -> Stage:
    """Return the float32 `.tflite` of a source, made from its present weights, prompts and lengths."""
    embedder = fingerprint(embedder_of(recipe, rooms, source, file))
    settings = {"lengths": recipe.export.lengths, "dims": recipe.export.dims, "prompts": prompts_of(recipe).model_dump()}
    inputs = {**recipe.data_digests(), "embedder": embedder}
    return stage.need(rooms.folder(f"convert-{source}"), "convert", file, inputs, settings)


def quantized(recipe: Recipe, rooms: Work, source: str, file: str) -> Stage:
    """Return the quantized model of a source, made from its present conversion."""
    before = converted(recipe, rooms, source, file)
    settings = {"quantization": recipe.export.quantization}
    inputs = {"convert": before.digest, **recipe.data_digests()}
    return stage.need(rooms.folder(f"quantize-{source}"), "quantize", file, inputs, settings)


def indexed(recipe: Recipe, rooms: Work, source: str, file: str) -> Stage:
    """Return the database of a source, made by its present quantized model from the present corpus."""
    model = quantized(recipe, rooms, source, file)
    digests = recipe.data_digests()
    inputs = {"quantize": model.digest, **{key: digests[key] for key in ("corpus", "queries", "qrels")}}
    return stage.need(rooms.folder(f"index-{source}"), "index", file, inputs, index_settings(recipe))


def packed(recipe: Recipe, rooms: Work, index: Stage, file: str) -> Stage:
    """Return the bundle that was packed from a present database by the present recipe."""
    return stage.need(rooms.folder("bundle"), "bundle", file, {"index": index.digest}, packed_from(recipe))


def packed_from(recipe: Recipe) -> dict[str, Any]:
    """Return the settings that a bundle is packed with: a changed one asks for a new bundle."""
    # A folder's path differs from machine to machine; the same inputs must give the same bytes.
    model = {**recipe.model.model_dump(exclude={"licence_file"}), "base": recipe.model.name, "notice": notice(recipe)}
    return {"recipe": recipe.model_dump(mode="json", exclude={"data", "model", "targets"}), "model": model}


def index_settings(recipe: Recipe) -> dict[str, Any]:
    """Return all that decides a database besides model and corpus."""
    return {
        "name": recipe.name,
        "version": recipe.version,
        "documents": recipe.export.documents,
        "long_passages": recipe.export.long_passages,
        "language": recipe.search.language,
        "also": recipe.search.also,
    }


def fusion_of(recipe: Recipe, index: Stage) -> Fusion:
    """Return how a database is searched: as the recipe says, and where it says nothing, as the judged questions chose."""
    chosen, asked = index.facts["fusion"], recipe.search
    return Fusion(
        mode=asked.mode or chosen["mode"],
        fusion=asked.fusion or chosen["fusion"],
        dense_weight=chosen["dense_weight"] if asked.dense_weight is None else asked.dense_weight,
        evidence={"chosen": chosen},
    )
