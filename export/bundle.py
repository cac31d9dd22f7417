"""`pocketrag bundle`: model, tokenizer, database and golden file -> the folder that an app takes."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

from pocketrag.android_assets import sql

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import Encoder, make_encoder
from pocketrag.formats.embedder.embedder_folder import commit
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.bundle import BundleFacts
from pocketrag.formats.facts.export import QuantizeFacts
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.measures import Abstention, Agreement
from pocketrag.formats.layout import DATABASE, MODEL, SPEC
from pocketrag.formats.manifest import CONTRACT, MANIFEST, SUMS, Counts, File, Manifest, Verdict
from pocketrag.pipeline.settings import fusion_of
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.notice import notice
from pocketrag.runtime.rag import Rag

from .database.write import set_metadata
from .make_golden import by_reference, make_golden

#: Packages whose versions decide what a bundle holds; its manifest names them.
TOOLS = (
    "numpy",
    "torch",
    "transformers",
    "tokenizers",
    "sentence-transformers",
    "litert-torch",
    "ai-edge-quantizer",
    "ai-edge-litert",
    "sentencepiece",
    "wordfreq",
    "apsw",
    "sqlite-vec",
)


def bundle(job: Job) -> BundleFacts:
    """Pack a bundle in the work folder.

    It is not published: `build` does that, once every gate has passed.
    """
    recipe, out = job.recipe, job.out / job.recipe.name
    database, index = job.inputs["index"].folder / DATABASE, job.facts("index", IndexFacts)
    model_id, verdict = index.model_id, Verdict.model_validate(job.settings["verdict"])
    out.mkdir()
    shutil.copyfile(database, out / DATABASE)
    (out / "search.sql").write_text(sql("search.sql"), "utf-8")
    (out / "NOTICE").write_text(notice(recipe), "utf-8")
    encoders = (_full(job, verdict, out),)
    main = encoders[0]
    set_metadata(
        out / DATABASE, "abstention", main.abstention.model_dump_json() if main.abstention else "null"
    )
    status("writing golden texts")
    with Rag(out, [main], {recipe.name: (out / DATABASE, model_id)}) as rag:
        golden = make_golden(recipe, rag, model_id, by_reference(job.reference, main.embedder.dims))
    (out / main.golden).write_text(files.to_json(golden.model_dump()), "utf-8")
    manifest = Manifest(
        contract=CONTRACT,
        name=recipe.name,
        version=recipe.version,
        model_id=model_id,
        base_model=recipe.model.name,
        base_revision=recipe.model.revision or commit(job.project.base),
        verdict=verdict,
        encoders=encoders,
        ladder=None,
        vectors={
            "format": "int8",
            "scale": index.vector_scale,
            "also": list(recipe.search.also),
            "documents": recipe.export.documents,
            "long_passages": recipe.export.long_passages,
            "longest": index.longest,
        },
        limits=recipe.limits,
        counts=Counts(passages=index.passages, golden=len(golden.texts), over_length=index.over_length),
        files={
            path.name: File(bytes=path.stat().st_size, sha256=files.sha256(path))
            for path in sorted(out.iterdir())
        },
        tools={name: metadata.version(name) for name in ("pocketrag", *TOOLS)},
        licences={"model": recipe.model.licence},
    )
    (out / MANIFEST).write_text(files.to_json(manifest.model_dump(mode="json")), "utf-8")
    (out / SUMS).write_text(
        "".join(f"{digest}  {name}\n" for name, digest in files.digests(out).items()), "utf-8"
    )
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    return BundleFacts(
        model_id=model_id, bytes=sum(sizes.values()), files=sizes, ships=verdict.ships, reason=verdict.reason
    )


def _full(job: Job, verdict: Verdict, out: Path) -> Encoder:
    """Lay the quantized model and its tokenizer into a bundle, and return the main encoder that they are."""
    model, measured = job.inputs["quantize"].folder, job.settings["measured"]
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    for name in (MODEL, spec.tokenizer.file):
        shutil.copyfile(model / name, out / name)
    chosen = fusion_of(job.project, job.inputs["index"])
    evidence = {**(chosen.evidence or {}), "as_shipped": _evidence(verdict)}
    return make_encoder(
        spec,
        chosen.model_copy(update={"evidence": evidence}),
        weights=job.facts("quantize", QuantizeFacts).weights,
        agreement=Agreement.model_validate(measured["agreement"]) if measured["agreement"] else None,
        abstention=Abstention.model_validate(measured["abstention"]) if measured["abstention"] else None,
    )


def _evidence(verdict: Verdict) -> dict[str, Any] | None:
    shipped = verdict.shipped
    return (
        {"ndcg@10": {mode: row["ndcg@10"] for mode, row in shipped["modes"].items()}, "n": shipped["n"]}
        if shipped
        else None
    )
