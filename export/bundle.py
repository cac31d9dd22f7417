"""`pocketrag bundle`: model, tokenizer, database and golden file -> the folder that an app takes."""

from __future__ import annotations

import shutil

from pocketrag.android_assets import sql

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import commit
from pocketrag.formats.facts.bundle import BundleFacts
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.litertlm import LitertlmFacts
from pocketrag.formats.identity import model_id_of
from pocketrag.formats.layout import DATABASE, LITERTLM, MAIN
from pocketrag.formats.manifest import CONTRACT, MANIFEST, SUMS, Counts, File, Manifest, Verdict
from pocketrag.pipeline.edges import keeps_passages
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.notice import licences, notice

from .bundle_encoders import golden_of, ladder_of, lay_encoders
from .quantization.quantizer_package import versions

#: Packages whose versions decide what a bundle holds; its manifest names them.
TOOLS = (
    "numpy",
    "torch",
    "transformers",
    "tokenizers",
    "sentence-transformers",
    "litert-torch",
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
    index, verdict = job.facts("index", IndexFacts), Verdict.model_validate(job.settings["verdict"])
    out.mkdir()
    shutil.copyfile(job.inputs["index"].folder / DATABASE, out / DATABASE)
    (out / "search.sql").write_text(sql("search.sql"), "utf-8")
    encoders = lay_encoders(job, verdict, out)
    if "litertlm" in job.inputs:
        shutil.copyfile(job.inputs["litertlm"].folder / LITERTLM, out / LITERTLM)
    main, shipped = encoders[0], [encoder.name for encoder in encoders]
    (out / "NOTICE").write_text(notice(recipe, shipped), "utf-8")
    digest = files.sha256(out / main.file)
    model_id = model_id_of(recipe.name, recipe.version, main.embedder.quantization, digest)
    texts = {}
    for encoder in encoders:
        status(f"writing golden texts of {encoder.name}")
        texts[encoder.role] = golden_of(job, encoder, out, model_id)
        (out / encoder.golden).write_text(files.to_json(texts[encoder.role].model_dump()), "utf-8")
    manifest = Manifest(
        contract=CONTRACT,
        name=recipe.name,
        version=recipe.version,
        model_id=model_id,
        base_model=recipe.model.name,
        base_revision=recipe.model.revision or commit(job.project.base),
        verdict=verdict,
        encoders=encoders,
        ladder=ladder_of(job),
        vectors={
            "model_id": index.model_id,
            "format": "int8",
            "scale": index.vector_scale,
            "also": list(recipe.search.also),
            "documents": recipe.export.documents,
            "long_passages": recipe.export.long_passages,
            "longest": index.longest,
            # Made by another model than asks: an app can't embed passages of its own beside these.
            **({"side": "question"} if keeps_passages(recipe, job.ref) else {}),
        },
        limits=recipe.limits,
        counts=Counts(passages=index.passages, golden=len(texts[MAIN].texts), over_length=index.over_length),
        files={
            path.name: File(bytes=path.stat().st_size, sha256=files.sha256(path))
            for path in sorted(out.iterdir())
        },
        tools=versions(("pocketrag", *TOOLS, *_more_tools(job))),
        licences=licences(recipe, shipped),
    )
    (out / MANIFEST).write_text(files.to_json(manifest.model_dump(mode="json")), "utf-8")
    (out / SUMS).write_text(files.sums_text(files.digests(out)), "utf-8")
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    return BundleFacts(
        model_id=model_id, bytes=sum(sizes.values()), files=sizes, ships=verdict.ships, reason=verdict.reason
    )


def _more_tools(job: Job) -> tuple[str, ...]:
    return tuple(job.facts("litertlm", LitertlmFacts).tools) if "litertlm" in job.inputs else ()
