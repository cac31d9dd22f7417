"""`pocketrag bundle`: model, tokenizer, database and golden file -> the folder that an app takes."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

from pocketrag.android_assets import sql

from pocketrag import files, stage
from pocketrag.console import status
from pocketrag.database import DATABASE
from pocketrag.embedder import fingerprint
from pocketrag.golden import GOLDEN
from pocketrag.litert import MODEL, EmbedderSpec
from pocketrag.manifest import CONTRACT, MANIFEST, SUMS, Counts, File, Fusion, Manifest, Verdict
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.runtime import Rag
from pocketrag.stage import PACKAGES, Stage
from pocketrag.work import Work, embedder_of

from .convert import SPEC, ships
from .golden import make_golden

WING = Path(__file__).parent
BUNDLE = "bundle"


def bundle(
    recipe: str, *, source: str | None = None, work: str = "work", base: str | None = None, mode: str | None = None
) -> dict[str, Any]:
    """Pack a bundle in the work folder. It is not published: `build` does that, once every gate has passed.

    Raises:
        InputError: `index` or `evaluate` has not run.

    """
    chosen = read_recipe(recipe, base, mode)
    rooms = Work(work, chosen.name)
    source = source or ships(chosen, rooms)
    twin = embedder_of(chosen, rooms, source, recipe)
    parts = {verb: stage.need(rooms.folder(f"{verb}-{source}"), verb, recipe) for verb in ("quantize", "index")}
    judged = {name: done for name in ("evaluate-tuned", f"evaluate-shipped-{source}") if (done := stage.load(rooms.folder(name)))}
    done = stage.run(
        rooms.folder(BUNDLE),
        WING,
        inputs={"twin": fingerprint(twin), **chosen.data_digests(), **{k: s.digest for k, s in {**parts, **judged}.items()}},
        settings={
            "recipe": chosen.model_dump(mode="json", exclude={"data", "model"}),
            "model": _published(chosen),
            "source": source,
        },
        make=lambda out: _make(chosen, twin, parts, _verdict(chosen, rooms, source), out / chosen.name),
    )
    return {"folder": str(done.folder / chosen.name), "source": source, **done.facts}


def _make(recipe: Recipe, twin: Path, parts: dict[str, Stage], verdict: Verdict, out: Path) -> dict[str, Any]:
    out.mkdir()
    model, index = parts["quantize"].folder, parts["index"]
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    for source, name in ((model, MODEL), (model, spec.tokenizer.file), (index.folder, DATABASE)):
        shutil.copyfile(source / name, out / name)
    (out / "search.sql").write_text(sql("search.sql"), "utf-8")
    (out / "NOTICE").write_text(_notice(recipe), "utf-8")
    fusion = Fusion(mode=recipe.search.mode, dense_weight=recipe.search.dense_weight, evidence=_evidence(verdict))
    model_id = index.facts["model_id"]
    status("writing golden texts")
    with Rag(out, spec, out / DATABASE, fusion, model_id) as rag:
        golden = make_golden(recipe, twin, rag, model_id)
    (out / GOLDEN).write_text(files.to_json(golden.model_dump()), "utf-8")
    manifest = Manifest(
        contract=CONTRACT,
        name=recipe.name,
        version=recipe.version,
        model_id=model_id,
        base_model=recipe.model.name,
        base_revision=recipe.model.revision,
        verdict=verdict,
        embedder=spec,
        vectors={"format": "int8", "scale": index.facts["vector_scale"], "sqlite_vec": recipe.search.sqlite_vec},
        fusion=fusion,
        abstention=None,
        counts=Counts(passages=index.facts["passages"], golden=len(golden.texts), cut_passages=index.facts["cut_passages"]),
        files={path.name: File(bytes=path.stat().st_size, sha256=files.sha256(path)) for path in sorted(out.iterdir())},
        tools={name: metadata.version(name) for name in ("pocketrag", *PACKAGES["export"])},
        licences={"model": recipe.model.licence},
    )
    (out / MANIFEST).write_text(files.to_json(manifest.model_dump(mode="json")), "utf-8")
    (out / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in files.digests(out).items()), "utf-8")
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    return {
        "model_id": model_id,
        "bytes": sum(sizes.values()),
        "files": sizes,
        "ships": verdict.ships,
        "reason": verdict.reason,
    }


def _verdict(recipe: Recipe, rooms: Work, source: str) -> Verdict:
    tuned = stage.load(rooms.folder("evaluate-tuned")) if recipe.train.method != "none" else None
    shipped = stage.load(rooms.folder(f"evaluate-shipped-{source}"))
    lost = stage.load(rooms.folder("evaluate-shipped-tuned")) if tuned and source == "base" else None
    return Verdict(
        ships=source,
        reason=_reason(recipe, source, tuned, lost or shipped),
        tuned=tuned.facts["against_base"] if tuned else None,
        shipped={
            **shipped.facts["against_base"],
            "modes": shipped.facts["modes"],
            "hybrid": shipped.facts["hybrid_against_dense"],
        }
        if shipped
        else None,
    )


def _reason(recipe: Recipe, source: str, tuned: Stage | None, shipped: Stage | None) -> str:
    if tuned is None:
        return 'the recipe asks for the base model (method = "none")'
    first = f"tuned against base, float32: {tuned.facts['against_base']['verdict']}"
    if shipped is None or (source == "base" and tuned.facts["against_base"]["verdict"] == "REGRESSION"):
        return first
    second = f"as shipped against base: {shipped.facts['against_base']['verdict']}"
    return f"{first}; {second}; the recipe accepts {recipe.train.accept}"


def _evidence(verdict: Verdict) -> dict[str, Any] | None:
    shipped = verdict.shipped
    return {"ndcg@10": {mode: row["ndcg@10"] for mode, row in shipped["modes"].items()}, "n": shipped["n"]} if shipped else None


def _published(recipe: Recipe) -> dict[str, Any]:
    # A folder's path differs from machine to machine; the same inputs must give the same bytes.
    return {**recipe.model.model_dump(), "base": recipe.model.name}


def _notice(recipe: Recipe) -> str:
    notice = recipe.model.notice or f"Embedding model made from {recipe.model.name}, licence: {recipe.model.licence}."
    return f"{notice}\nBundle {recipe.name} {recipe.version}, built with pocketrag.\n"
