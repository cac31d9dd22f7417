"""A student of each kind as a `.tflite`, proved against PyTorch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pocketrag.console import progress, status
from pocketrag.errors import GateError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.export import HalfFacts
from pocketrag.formats.layout import MODEL, NETWORK, SPEC, STUDENT
from pocketrag.formats.prompt_room import need_room
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import load_tokenizer
from pocketrag.recipe.quantization import quantization, with_float_head
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.students import NetworkStudent
from pocketrag.reference.student_kinds import KINDS
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder

from .convert import Keys, Wanted, convert_folder
from .quantize import quantize_folder
from .sample_texts import token_rows
from .static.lower_student import lower_student

#: What int8 may cost: the table has a scale a row, and nothing else is rounded.
LEAST_COSINE = 0.999
#: What quantization must leave of it, as a mean: the coarsest that EmbeddingGemma ships in keeps more.
QUANTIZED_COSINE = 0.95


@dataclass(frozen=True)
class Distilled:
    """A student in PyTorch."""

    recipe: Recipe
    name: str
    stage: Path
    """The folder of the stage that made it."""
    teacher: Path
    """The folder of its converted teacher."""

    @property
    def prompts(self) -> Prompts:
        """The templates that it reads questions by."""
        spec = EmbedderSpec.model_validate(files.read_json(self.teacher / SPEC))
        return spec.prompts.model_copy(update={"query": self.recipe.students[self.name].query})


@dataclass(frozen=True)
class Proof:
    """How near the `.tflite` is to PyTorch, and what storing it smaller cost."""

    to_pytorch: float | None
    """Least cosine, before anything is quantized that PyTorch has in float32."""
    n: int
    quantization: str | None = None
    mean: float | None = None
    """Mean and least cosine of the quantized one to the one before."""
    least: float | None = None
    half: HalfFacts | None = None
    """Of a network, before it is quantized."""


def write_table(student: Distilled, out: Path) -> Proof:
    """Write a table of token vectors in int8, of its teacher's lengths; raises as `export` does."""
    spec = EmbedderSpec.model_validate(files.read_json(student.teacher / SPEC))
    spec = spec.model_copy(update={"quantization": "int8", "prompts": student.prompts})
    shutil.copyfile(student.teacher / spec.tokenizer.file, out / spec.tokenizer.file)
    tokenize = load_tokenizer(out, spec.tokenizer)
    need_room(f"students.{student.name}.query", spec.prompts.query, tokenize, spec.lengths[-1])
    (out / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    status(f"converting {student.name}: {len(spec.lengths)} lengths; the table is stored once")
    lower_student(student.stage / STUDENT, spec.lengths, out / MODEL)
    lite = LiteRtEmbedder(out, spec)
    proof = _prove(student, lite)
    lite.close()
    return proof


def write_network(student: Distilled, out: Path) -> Proof:
    """Write a small transformer as the full model is, at its own lengths; raises as `export` does."""
    recipe, name = student.recipe, student.name
    settings = recipe.students[name]
    assert isinstance(settings, NetworkStudent)  # noqa: S101 - its kind says so
    folder, before = student.stage / NETWORK, out / "float32"
    chosen = with_float_head(quantization(settings.quantization or recipe.export.quantization))
    keys = Keys(f"students.{name}.lengths", f"students.{name}.query")
    before.mkdir()
    wanted = Wanted(folder, name, student.prompts, settings.lengths, None, keys, student.stage)
    proof = convert_folder(recipe, wanted, before)
    lost = quantize_folder(recipe, chosen, folder, before, out)
    shutil.rmtree(before)
    if not or_nan(lost.mean_cosine) >= QUANTIZED_COSINE:
        raise GateError(
            f"students.{name}: {chosen.name} is too coarse for it: mean cosine to float32 "
            f"{or_nan(lost.mean_cosine):.3f} < {QUANTIZED_COSINE}. Choose another "
            f"`students.{name}.quantization`."
        )
    return Proof(
        proof.least_cosine_to_pytorch, proof.n, chosen.name, lost.mean_cosine, lost.least_cosine, proof.half
    )


#: A value of `Kind` in the recipe -> what writes `MODEL`, its `SPEC` and the tokenizer into a folder.
WRITERS: dict[str, Callable[[Distilled, Path], Proof]] = {
    "static": write_table,
    "model2vec": write_table,
    "layers": write_network,
    "model": write_network,
}


def _prove(student: Distilled, lite: LiteRtEmbedder) -> Proof:
    spec, kind = lite.spec, KINDS[student.recipe.students[student.name].kind]
    rows = token_rows(student.recipe, spec.prompts, lite.tokenize, spec.lengths)
    wanted = kind.encode(kind.load(student.stage), rows)
    pairs = [
        (lite.embed_ids(ids), vector)
        for ids, vector in zip(progress(rows, "Comparing with PyTorch"), wanted, strict=True)
    ]
    if any(vector.any() != found.any() for found, vector in pairs):
        raise GateError(f"{MODEL}: gives zeros where PyTorch does not, or the other way round.")
    least = min(ranking.cosine(found, vector) for found, vector in pairs if vector.any())
    status(f"LiteRT to PyTorch: least cosine {least:.6f} over {len(rows)} texts")
    if not least >= LEAST_COSINE:
        raise GateError(
            f"{MODEL}: least cosine to PyTorch {least:.6f} < {LEAST_COSINE} over {len(rows)} texts."
        )
    return Proof(round(least, 8), len(rows))
