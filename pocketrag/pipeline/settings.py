"""The settings that stages are made from.

Dotted keys of the recipe, and what is worked out from several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pocketrag.formats.bundle_encoder import Fusion
from pocketrag.formats.environment import processor
from pocketrag.formats.facts.index import FusionChoice, IndexFacts
from pocketrag.recipe.notice import notice
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.students import ModelStudent, NetworkStudent

from .stage import Stage, StageRef, facts_of
from .verdict import verdict_of

if TYPE_CHECKING:
    from .project import Project

#: The stages that a stage reads, by label.
Inputs = Mapping[str, Stage]
#: Keys of [export] that decide what lies beside the bundle, and nothing in it.
NPU_KEYS = {"npu", "npu_lengths", "npu_optimization"}


def value_of(project: Project, ref: StageRef, name: str, inputs: Inputs) -> Any:  # noqa: ANN401 - any JSON value
    """Return a setting by its dotted key or its name in `DERIVED`, as a JSON value."""
    if name in DERIVED:
        return DERIVED[name](project, ref, inputs)
    found = reduce(getattr, name.split("."), project.recipe)
    return found.model_dump(mode="json") if isinstance(found, BaseModel) else found


def fusion_of(project: Project, index: Stage) -> Fusion:
    """Return how a database is searched.

    As the recipe says, and where it says nothing, as the judged questions chose.
    """
    chosen, asked = facts_of(index, IndexFacts).fusion, project.recipe.search
    return Fusion(
        mode=asked.mode or chosen.mode,
        fusion=asked.fusion or chosen.fusion,
        dense_weight=chosen.dense_weight if asked.dense_weight is None else asked.dense_weight,
        evidence={"chosen": chosen.as_json()},
    )


def fusion_of_student(recipe: Recipe, chosen: FusionChoice) -> Fusion:
    """Return how a database is searched with a student's vectors: with a weight of its own, always."""
    asked = recipe.search
    return Fusion(
        mode=asked.mode or chosen.mode,
        fusion=chosen.fusion,
        dense_weight=chosen.dense_weight,
        evidence={"chosen": chosen.as_json()},
    )


def _student(project: Project, ref: StageRef, _: Inputs) -> Any:  # noqa: ANN401
    # What it is exported as, who follows its training and what its start's licence asks decides nothing about
    # its weights; nor does where its start lies, but what that is.
    student = project.recipe.students[str(ref.student)]
    out = {"lengths", "quantization", "report_to", "start", "revision", "licence", "notice"}
    found = student.model_dump(mode="json", exclude=out)
    if isinstance(student, NetworkStudent):
        found["longest"] = student.lengths[-1]
    if start := project.start_of(str(ref.student)):
        found["start"] = project.fingerprint(start)
    return found


def _exported(project: Project, ref: StageRef, _: Inputs) -> Any:  # noqa: ANN401
    recipe = project.recipe
    student = recipe.students[str(ref.student)]
    if not isinstance(student, NetworkStudent):
        return {"query": student.query}
    return {
        "query": student.query,
        "lengths": list(student.lengths),
        "quantization": student.quantization or recipe.export.quantization,
    }


def _training(project: Project, *_: object) -> Any:  # noqa: ANN401
    # What the verdict must be decides nothing about the weights.
    return project.recipe.train.model_dump(mode="json", exclude={"accept"})


def _stored(project: Project, *_: object) -> str | None:
    return project.recipe.export.quantization if project.recipe.train.quantization_aware else None


def _card(project: Project, *_: object) -> dict[str, str]:
    model = project.recipe.model
    return {"name": model.name, "licence": model.licence}


def _packed(project: Project, *_: object) -> Any:  # noqa: ANN401
    # A folder's path differs from machine to machine. A generator and NPU files ship beside the
    # bundle, and say themselves what they are.
    apart: Mapping[str, bool | set[str]] = {
        "data": True,
        "model": True,
        "targets": True,
        "generator": True,
        "export": NPU_KEYS,
    }
    found = project.recipe.model_dump(mode="json", exclude=apart)
    for name, student in project.recipe.students.items():
        if isinstance(student, ModelStudent):
            found["students"][name]["start"] = student.name
    return found


def _spoken(project: Project, *_: object) -> Any:  # noqa: ANN401
    # How it is stored and asked. Where the base lies decides nothing, but what it holds; of a tuned one, its
    # stage does.
    generator = project.need_generator("pack")
    kept = {
        "revision",
        "licence",
        "notice",
        "quantization",
        "budget",
        "answer_tokens",
        "max_tokens",
        "prompt",
    }
    tuned = generator.method != "none"
    return {
        **generator.model_dump(mode="json", include=kept),
        "name": generator.name,
        "base": None if tuned else project.language_model_digest(project.generator_base),
    }


def _instructed(project: Project, *_: object) -> Any:  # noqa: ANN401
    # Where the base lies, what it ships as, and what the exam holds it to decide nothing about the weights;
    # base, dialogues and exam are what they hold.
    generator = project.need_generator("instruct")
    files = {"base", "revision", "data", "exam"}
    later = {"notice", "quantization", "budget", "answer_tokens", "limits", "targets", "tiers", "report_to"}
    return {
        **generator.model_dump(mode="json", exclude=files | later),
        "name": generator.name,
        "base": project.language_model_digest(project.generator_base),
        "data": project.digests.sha256(generator.data) if generator.data else "",
        "exam": project.digests.sha256(generator.exam) if generator.exam else "",
    }


def _examined(project: Project, *_: object) -> Any:  # noqa: ANN401
    # The untuned base answers too. What ships is a stage of its own.
    generator = project.need_generator("examine")
    return {
        "name": generator.name,
        "method": generator.method,
        "limits": generator.limits.model_dump(mode="json"),
        "base": project.language_model_digest(project.generator_base),
        "exam": project.digests.sha256(generator.exam) if generator.exam else "",
    }


def _model(project: Project, *_: object) -> Any:  # noqa: ANN401
    # A folder's path differs from machine to machine; the same inputs must give the same bytes.
    recipe = project.recipe
    return {
        **recipe.model.model_dump(exclude={"licence_file"}),
        "base": recipe.model.name,
        "notice": notice(recipe, ()),
    }


def _searched(project: Project, _: StageRef, inputs: Inputs) -> Any:  # noqa: ANN401
    return fusion_of(project, inputs["index"]).model_dump(exclude={"evidence"})


def _measured(project: Project, _: StageRef, inputs: Inputs) -> dict[str, Any]:
    # These are facts of a stage, which its digest does not cover.
    shipped = inputs["evaluate-shipped"].facts.as_json() if "evaluate-shipped" in inputs else {}
    return {name: shipped.get(name) for name in ("agreement", "abstention")}


#: name -> what it is worked out from.
DERIVED: dict[str, Callable[[Project, StageRef, Inputs], Any]] = {
    "prompts": lambda project, *_: project.prompts.model_dump(),
    "tunes": lambda project, *_: project.tunes,
    "longest": lambda project, *_: project.recipe.export.lengths[-1],
    "training": _training,
    "stored": _stored,
    "card": _card,
    "packed": _packed,
    "spoken": _spoken,
    "model": _model,
    "searched": _searched,
    "measured": _measured,
    "student": _student,
    "instructed": _instructed,
    "examined": _examined,
    "exported": _exported,
    "processor": lambda *_: processor(),
    "source": lambda project, ref, inputs: ref.source,
    "sample": lambda project, ref, inputs: ref.sample,
    "verdict": lambda project, ref, inputs: verdict_of(project, ref, inputs).model_dump(mode="json"),
}
