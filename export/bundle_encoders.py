"""The encoders of a bundle: which model lies in it in which role, and what each is measured by."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import FULL, Encoder, make_encoder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.export import QuantizeFacts
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.measures import Abstention, Agreement
from pocketrag.formats.facts.students import LadderFacts, Rung, StudentFacts
from pocketrag.formats.golden import Golden
from pocketrag.formats.layout import DATABASE, LADDER, MAIN, MODEL, ROLES, SPEC, Role
from pocketrag.formats.manifest import Verdict
from pocketrag.pipeline.settings import fusion_of, fusion_of_student
from pocketrag.pipeline.stage import Job
from pocketrag.reference.student_kinds import KINDS
from pocketrag.runtime.rag import Rag

from .make_golden import Embed, by_reference, make_golden


def lay_encoders(job: Job, verdict: Verdict, out: Path) -> tuple[Encoder, ...]:
    """Copy models and tokenizers of the encoders that ship into a bundle; return them, the main one first.

    Without students that is the full model alone.
    """
    if (ladder := ladder_of(job)) is None:
        return (_full(job, verdict, out, MAIN, None),)
    rungs = {rung.role: rung for rung in LadderFacts.read(ladder).rungs}
    return tuple(
        _full(job, verdict, out, role, rung) if rung.kind == FULL else _student(job, out, role, rung)
        for role in ROLES
        if (rung := rungs.get(role))
    )


def ladder_of(job: Job) -> dict[str, Any] | None:
    """Return the ladder as the manifest holds it, without this machine's times; None without students."""
    if "ladder" not in job.inputs:
        return None
    found: dict[str, Any] = files.read_json(job.inputs["ladder"].folder / LADDER)
    return found


def golden_of(job: Job, encoder: Encoder, folder: Path, model_id: str) -> Golden:
    """Return the golden texts of one encoder of the bundle in `folder`."""
    databases = {job.recipe.name: (folder / DATABASE, job.facts("index", IndexFacts).model_id)}
    teacher = by_reference(job.reference, encoder.embedder.dims)
    with Rag(folder, [encoder], databases) as rag:
        if encoder.is_full:
            return make_golden(job.recipe, rag, model_id, teacher)
        twin = _by_student(encoder.kind, job.inputs[f"distill-{encoder.name}"].folder, rag)
        return make_golden(
            job.recipe, rag, model_id, twin, lambda asked: teacher([job.prompts.ask(q) for q in asked])
        )


def _by_student(kind: str, stage: Path, rag: Rag) -> Embed:
    row = KINDS[kind]
    student = row.load(stage)
    return lambda texts: row.encode(student, [rag.embedder.ids(text) for text in texts])


def _full(job: Job, verdict: Verdict, out: Path, role: Role, rung: Rung | None) -> Encoder:
    measured, chosen = job.settings["measured"], fusion_of(job.project, job.inputs["index"])
    evidence = {**(chosen.evidence or {}), "as_shipped": _as_shipped(verdict)}
    return make_encoder(
        _lay(job.inputs["quantize"].folder, out, role),
        chosen.model_copy(update={"evidence": evidence}),
        role=role,
        weights=job.facts("quantize", QuantizeFacts).weights,
        agreement=Agreement.model_validate(measured["agreement"]) if measured["agreement"] else None,
        abstention=Abstention.model_validate(measured["abstention"]) if measured["abstention"] else None,
        evidence=rung.as_evidence() if rung else None,
    )


def _student(job: Job, out: Path, role: Role, rung: Rung) -> Encoder:
    label = f"student-{rung.name}"
    made, facts = job.inputs[label], job.facts(label, StudentFacts)
    chosen = fusion_of_student(job.recipe, facts.fusion)
    shown = {mode: row.ndcg_10 for mode, row in rung.modes.items()}
    evidence = {**(chosen.evidence or {}), "as_shipped": {"ndcg@10": shown, "n": rung.against_bm25.n}}
    return make_encoder(
        _lay(made.folder, out, role),
        chosen.model_copy(update={"evidence": evidence}),
        name=rung.name,
        kind=rung.kind,
        role=role,
        weights=facts.weights,
        agreement=rung.overlap,
        abstention=rung.abstention,
        evidence=rung.as_evidence(),
    )


def _lay(folder: Path, out: Path, role: Role) -> EmbedderSpec:
    spec = EmbedderSpec.model_validate(files.read_json(folder / SPEC))
    shutil.copyfile(folder / MODEL, out / ROLES[role].model)
    tokenizer = spec.tokenizer
    if _is_another(folder / tokenizer.file, out / tokenizer.file):
        tokenizer = tokenizer.model_copy(update={"file": f"{role}.{tokenizer.file}"})
    shutil.copyfile(folder / spec.tokenizer.file, out / tokenizer.file)
    return spec.model_copy(update={"tokenizer": tokenizer})


def _is_another(file: Path, there: Path) -> bool:
    return there.exists() and files.sha256(there) != files.sha256(file)


def _as_shipped(verdict: Verdict) -> dict[str, Any] | None:
    shipped = verdict.shipped
    return (
        {"ndcg@10": {mode: row["ndcg@10"] for mode, row in shipped["modes"].items()}, "n": shipped["n"]}
        if shipped
        else None
    )
