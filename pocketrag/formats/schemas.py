"""The facts as JSON Schemas.

`python -m pocketrag.formats.schemas [FOLDER]` writes docs/schema/*.json (see the README there).
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from . import files
from .facts.ab import AbFacts
from .facts.android import AarFacts, GradleFacts
from .facts.ask import AskFacts
from .facts.base import Facts
from .facts.build import BuildFacts
from .facts.bundle import BundleFacts
from .facts.channel import ChannelFacts
from .facts.check import CheckFacts
from .facts.evaluate import (
    ChosenFacts,
    JudgedFacts,
    MtebEvaluation,
    OtherFacts,
    RecipeEvaluation,
    TargetEvaluation,
)
from .facts.exam import ExamFacts
from .facts.export import ConvertFacts, QuantizeFacts
from .facts.generator import InstructFacts, PackFacts
from .facts.index import IndexFacts
from .facts.ingest import ChunkFacts, ImportFacts
from .facts.init import InitFacts
from .facts.litertlm import LitertlmFacts
from .facts.measures import Means
from .facts.npu import NpuFacts, NpuSpec
from .facts.parity import ParityFacts
from .facts.phone.latency import LatencyFacts
from .facts.push import PushFacts
from .facts.questions import QuestionsFacts
from .facts.recipe import RecipeFacts
from .facts.reference import ReferenceFacts
from .facts.report import ReportFacts
from .facts.search import SearchFacts
from .facts.serve import ServeFacts, SiteFacts
from .facts.split import SplitFacts
from .facts.static import StaticFacts
from .facts.status import StatusFacts
from .facts.students import DistilledFacts, LadderFacts, StudentFacts, TeacherFacts
from .facts.tiers import TiersFacts
from .facts.training import FixedFacts, MergeFacts, MineFacts, TuneFacts
from .facts.traits import TraitsFacts
from .facts.trim import TrimFacts
from .facts.updates import ApplyFacts, DeltaFacts, KeyFacts
from .facts.verify import VerifyFacts
from .facts.versions import FallbackFacts, ModelIdFacts, ReleaseFacts, UpdateFacts

#: What the schemas are written in (pydantic's own dialect).
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path("docs", "schema")

#: Verb -> what its `--json` prints. Of several models, the first that fits.
VERBS: dict[str, tuple[type[Facts], ...]] = {
    "aar": (AarFacts,),
    "ab": (AbFacts,),
    "apply": (ApplyFacts,),
    "ask": (AskFacts,),
    "build": (BuildFacts, StatusFacts),
    "bundle": (BundleFacts,),
    "channel": (ChannelFacts,),
    "check": (CheckFacts,),
    "chunk": (ChunkFacts,),
    "convert": (ConvertFacts,),
    "delta": (DeltaFacts,),
    "distill": (DistilledFacts,),
    "evaluate": (RecipeEvaluation, TargetEvaluation, MtebEvaluation),
    "exam": (ExamFacts,),
    "fallback": (FallbackFacts,),
    "gradle": (GradleFacts,),
    "import": (ImportFacts,),
    "index": (IndexFacts,),
    "init": (InitFacts,),
    "instruct": (InstructFacts,),
    "key": (KeyFacts,),
    "latency": (LatencyFacts,),
    "merge": (MergeFacts,),
    "mine": (MineFacts,),
    "model-id": (ModelIdFacts,),
    "npu": (NpuFacts,),
    "pack": (PackFacts,),
    "parity": (ParityFacts,),
    "push": (PushFacts,),
    "quantize": (QuantizeFacts,),
    "questions": (QuestionsFacts,),
    "recipe": (RecipeFacts,),
    "release": (ReleaseFacts,),
    "report": (ReportFacts,),
    "search": (SearchFacts,),
    "serve": (ServeFacts, SiteFacts),
    "static": (StaticFacts,),
    "status": (StatusFacts,),
    "tiers": (TiersFacts,),
    "traits": (TraitsFacts,),
    "trim": (TrimFacts,),
    "tune": (TuneFacts,),
    "update": (UpdateFacts,),
    "verify": (VerifyFacts,),
}
#: Stage without a verb of its own -> the `facts` of its `manifest.json`.
STAGES: dict[str, tuple[type[Facts], ...]] = {
    "stage-split": (SplitFacts,),
    "stage-reference": (ReferenceFacts,),
    "stage-fixed": (FixedFacts,),
    "stage-guard": (Means,),
    "stage-ladder": (LadderFacts,),
    "stage-litertlm": (LitertlmFacts,),
    "stage-student": (StudentFacts,),
    "stage-teacher": (TeacherFacts,),
    "stage-evaluate": (JudgedFacts,),
    "stage-choose": (ChosenFacts,),
    "stage-evaluate-other": (OtherFacts,),
}
#: File beside a bundle -> its content.
FILES: dict[str, tuple[type[Facts], ...]] = {"file-npu": (NpuSpec,)}


def schema_of(name: str) -> dict[str, JsonValue]:
    """Return the JSON Schema of a verb's or a stage's facts, or of a file."""
    first, *others = (VERBS | STAGES | FILES)[name]
    kind: object = first
    for other in others:
        kind = kind | other
    return {"$schema": DIALECT, **TypeAdapter(kind).json_schema(by_alias=True)}


def texts() -> dict[str, str]:
    """Return file name -> content, of every schema."""
    return {f"{name}.json": files.to_json(schema_of(name)) for name in sorted(VERBS | STAGES | FILES)}


def write(folder: Path) -> list[str]:
    """Write every schema into a folder, remove those of what is no more, and return the names of all."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = texts()
    for old in folder.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        files.write_atomic(folder / name, text)
    return list(wanted)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
