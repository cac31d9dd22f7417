"""`pocketrag bundle`: model, tokenizer, database and golden file -> the folder that an app takes."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from pocketrag.android_assets import sql

from pocketrag import files, stage
from pocketrag.console import status
from pocketrag.database import DATABASE
from pocketrag.decision import fallen, objections, regressions
from pocketrag.embedder import commit, fingerprint, locate
from pocketrag.errors import GateError, InputError
from pocketrag.golden import GOLDEN
from pocketrag.litert import MODEL, SPEC, EmbedderSpec
from pocketrag.manifest import CONTRACT, MANIFEST, SUMS, Abstention, Agreement, Counts, File, Manifest, Verdict
from pocketrag.notice import notice
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.runtime import Rag
from pocketrag.stage import PACKAGES, Stage
from pocketrag.work import Work, fusion_of, indexed, judged_tuned, packed_from, quantized, twin_of

from .convert import ships
from .database import set_metadata
from .golden import make_golden

WING = Path(__file__).parent
BUNDLE = "bundle"


class Found(NamedTuple):
    """What was measured of the model that ships."""

    verdict: Verdict
    agreement: Agreement | None
    abstention: Abstention | None


def bundle(
    recipe: str,
    *,
    source: str | None = None,
    work: str = "work",
    base: str | None = None,
    mode: str | None = None,
    accept_regression: bool = False,
) -> dict[str, Any]:
    """Pack a bundle in the work folder. It is not published: `build` does that, once every gate has passed.

    With `accept_regression` the tuned model is packed whatever its verdict, and the manifest says where it regressed.

    Raises:
        InputError: `index` or `evaluate` has not run.
        GateError: the tuned model regressed and nobody accepted that.

    """
    chosen = read_recipe(recipe, base, mode)
    rooms = Work(work, chosen.name)
    source = source or ("tuned" if accept_regression and chosen.train.method != "none" else ships(chosen, rooms, recipe))
    twin = twin_of(chosen, rooms, source, recipe)
    parts = {"quantize": quantized(chosen, rooms, source, recipe), "index": indexed(chosen, rooms, source, recipe)}
    shipped = _shipped(chosen, rooms, source, parts["index"])
    tuned = judged_tuned(chosen, rooms, recipe)
    if source == "tuned" and not (tuned and shipped):
        raise InputError(
            f"{rooms.folder('evaluate-tuned')}: the tuned model was not judged; run `pocketrag evaluate {recipe}` first."
        )
    found = _found(_verdict(chosen, rooms, source, (tuned, shipped), accept_regression), shipped)
    done = stage.run(
        rooms.folder(BUNDLE),
        WING,
        inputs={"twin": fingerprint(twin), **chosen.data_digests(), **{verb: part.digest for verb, part in parts.items()}},
        settings={
            **packed_from(chosen),
            **{name: part.model_dump() if part else None for name, part in found._asdict().items()},
        },
        make=lambda out: _make(chosen, twin, parts, found, out / chosen.name),
    )
    return {"folder": str(done.folder / chosen.name), "source": source, **done.facts}


def _make(recipe: Recipe, twin: Path, parts: dict[str, Stage], found: Found, out: Path) -> dict[str, Any]:
    out.mkdir()
    verdict = found.verdict
    model, index = parts["quantize"].folder, parts["index"]
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    for source, name in ((model, MODEL), (model, spec.tokenizer.file), (index.folder, DATABASE)):
        shutil.copyfile(source / name, out / name)
    (out / "search.sql").write_text(sql("search.sql"), "utf-8")
    (out / "NOTICE").write_text(notice(recipe), "utf-8")
    chosen = fusion_of(recipe, index)
    fusion = chosen.model_copy(update={"evidence": {**(chosen.evidence or {}), "as_shipped": _evidence(verdict)}})
    model_id = index.facts["model_id"]
    set_metadata(out / DATABASE, "abstention", found.abstention.model_dump_json() if found.abstention else "null")
    status("writing golden texts")
    with Rag(out, spec, {recipe.name: (out / DATABASE, model_id)}, fusion) as rag:
        golden = make_golden(recipe, twin, rag, model_id)
    (out / GOLDEN).write_text(files.to_json(golden.model_dump()), "utf-8")
    manifest = Manifest(
        contract=CONTRACT,
        name=recipe.name,
        version=recipe.version,
        model_id=model_id,
        base_model=recipe.model.name,
        base_revision=recipe.model.revision or commit(locate(recipe.model.base, recipe.model.revision)),
        verdict=verdict,
        embedder=spec,
        vectors={
            "format": "int8",
            "scale": index.facts["vector_scale"],
            "also": list(recipe.search.also),
            "documents": recipe.export.documents,
            "long_passages": recipe.export.long_passages,
            "longest": index.facts["longest"],
        },
        weights=parts["quantize"].facts["weights"],
        agreement=found.agreement,
        limits=recipe.limits,
        fusion=fusion,
        abstention=found.abstention,
        counts=Counts(passages=index.facts["passages"], golden=len(golden.texts), over_length=index.facts["over_length"]),
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


def _shipped(recipe: Recipe, rooms: Work, source: str, index: Stage) -> Stage | None:
    twin = stage.load(rooms.folder(f"twin-{source}"))
    inputs = {**recipe.judging_digests(), "index": index.digest, "twin": twin.digest if twin else ""}
    settings = {"train": recipe.train.model_dump(), "search": fusion_of(recipe, index).model_dump(exclude={"evidence"})}
    return stage.find(rooms.folder(f"evaluate-shipped-{source}"), inputs, settings)


def _found(verdict: Verdict, shipped: Stage | None) -> Found:
    facts = shipped.facts if shipped else {}
    agreement = Agreement.model_validate(facts["agreement"]) if "agreement" in facts else None
    return Found(verdict, agreement, Abstention.model_validate(facts["abstention"]) if "abstention" in facts else None)


def _verdict(
    recipe: Recipe, rooms: Work, source: str, judged: tuple[Stage | None, Stage | None], accept_regression: bool
) -> Verdict:
    tuned, shipped = judged
    data, train = recipe.judging_digests(), {"train": recipe.train.model_dump()}
    # Only a tuned model that won in float32 is tried as shipped, unless it was asked for; an older trial says nothing.
    tried = shipped if source == "tuned" else None
    if source == "base" and tuned and not objections(recipe, tuned.facts):
        tried = stage.find(rooms.folder("evaluate-shipped-tuned"), data, train)
    worse = _regressions(recipe, tuned, tried) if source == "tuned" else []
    if worse and not accept_regression:
        raise GateError(
            f"the tuned model regressed ({'; '.join(worse)}) and is not bundled. Leave --source out to bundle the base model, "
            "or give --accept-regression; the manifest then says so."
        )
    return Verdict(
        ships=source,
        reason=_reason(recipe, tuned, tried) + ("; regression accepted by --accept-regression" if worse else ""),
        tuned=tuned.facts["against_base"] if tuned else None,
        shipped={**shipped.facts["against_base"], "modes": shipped.facts["modes"]} if shipped else None,
        searched=shipped.facts["as_searched"] if shipped else None,
        guard=tuned.facts.get("guard") if tuned else None,
        accepted_regression=bool(worse),
    )


def _regressions(recipe: Recipe, tuned: Stage | None, tried: Stage | None) -> list[str]:
    compared = {"float32": tuned, "as shipped": tried}
    rows = {name: done.facts["against_base"] if done else None for name, done in compared.items()}
    return regressions(recipe.limits, rows, tuned.facts.get("guard") if tuned else None)


def _reason(recipe: Recipe, tuned: Stage | None, tried: Stage | None) -> str:
    if tuned is None:
        return 'the recipe asks for the base model (method = "none")'
    parts = [f"tuned against base, float32: {tuned.facts['against_base']['verdict']}"]
    if tried:
        parts.append(f"tuned as shipped against base: {tried.facts['against_base']['verdict']}")
    return "; ".join([*parts, *fallen(recipe.limits, tuned.facts.get("guard")), f"the recipe accepts {recipe.train.accept}"])


def _evidence(verdict: Verdict) -> dict[str, Any] | None:
    shipped = verdict.shipped
    return {"ndcg@10": {mode: row["ndcg@10"] for mode, row in shipped["modes"].items()}, "n": shipped["n"]} if shipped else None
