"""Stage `pack`: a merged language model -> `generator.litertlm`, what it is, and what it must give again."""

from __future__ import annotations

import resource
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.base import JsonObject
from pocketrag.formats.facts.generator import InstructFacts, MeasuredGenerator, PackFacts
from pocketrag.formats.generator import (
    CONTRACT,
    MODEL,
    NOTICE,
    SPEC,
    GeneratorFile,
    GeneratorSpec,
    StartToken,
)
from pocketrag.formats.generator.golden_answers import GOLDEN, GeneratorGolden
from pocketrag.formats.generator.language_model import LanguageModel, read_language_model, weights_digest
from pocketrag.formats.generator.spoken_prompt import check_prompt
from pocketrag.formats.layout import MERGED
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.generator import Generator
from pocketrag.recipe.notice import generator_notice
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_language_model import FloatModel
from pocketrag.runtime.generator.proof import measure

from ..quantization.quantizer_package import versions
from .assemble import Speech, assemble
from .exporter import export_float
from .quantized import quantize
from .room import need_room
from .speech import speech_of

#: Families whose packed form was compared with transformers' here; what others need is not known.
FAMILIES = ("gemma3_text", "llama", "mistral", "qwen2", "qwen3")
#: Packages that decide the file's bytes.
TOOLS = ("litert-lm-builder", "litert-torch", "torch", "transformers")


@dataclass(frozen=True)
class Packed:
    """What was found out on the way."""

    zero_blocks: int
    float32: MeasuredGenerator | None
    measured: MeasuredGenerator | None


def pack(job: Job) -> PackFacts:
    """Export, quantize and pack the stage's model, and run it where LiteRT-LM is installed.

    Raises:
        InputError: the folder is no language model of a known family, its template or its stop tokens do not
            serve, or there is too little memory or disk.
        GateError: the rewritten chat template or an int4 block would not do.

    """
    started = time.monotonic()
    generator = job.project.need_generator("pack")
    model = source_of(job, generator)
    check_prompt(model, generator.prompt, generator.room)
    need_room(model, job.out)
    speech = speech_of(model, generator.max_tokens)
    golden = FloatModel(model.folder).golden(speech.stop, generator.max_tokens)
    packed = _write(model, speech, golden, generator.quantization, job.out)
    proofs = {**_merged(job, model), **({"float32": packed.float32.as_json()} if packed.float32 else {})}
    spec = _spec(job.recipe, generator, speech, proofs, job.out / MODEL)
    (job.out / SPEC).write_text(files.to_json(spec.model_dump(mode="json")), "utf-8")
    (job.out / GOLDEN).write_text(files.to_json(golden.model_dump(mode="json")), "utf-8")
    (job.out / NOTICE).write_text(generator_notice(job.recipe, generator), "utf-8")
    return PackFacts(
        base=generator.name,
        quantization=generator.quantization,
        parameters=model.parameters,
        bytes=spec.file.bytes,
        sha256=spec.file.sha256,
        start=speech.start,
        stop=speech.stop,
        max_tokens=speech.max_tokens,
        zero_blocks=packed.zero_blocks,
        float32=packed.float32,
        measured=packed.measured,
        peak_bytes=_peak() * 1024,
        seconds=round(time.monotonic() - started, 1),
    )


def _peak() -> int:
    # The exporter runs in a process of its own.
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in whose)


def source_of(job: Job, generator: Generator) -> LanguageModel:
    """Return the folder that is packed: the merged model, or the base where nothing is tuned.

    Raises:
        InputError: it is of a family whose packed form nobody has compared.

    """
    folder = (
        job.inputs["instruct"].folder / MERGED if "instruct" in job.inputs else job.project.generator_base
    )
    model = read_language_model(folder)
    if model.family not in FAMILIES:
        raise InputError(
            f"{folder}: is of the family {model.family!r}; packed ones were compared with transformers for "
            f"{', '.join(FAMILIES)}."
        )
    if code := model.config.get("auto_map"):
        raise InputError(
            f"{folder / 'config.json'}: asks for code of its own ({sorted(code)[0]}), which is not run."
        )
    return model


def _write(
    model: LanguageModel, speech: Speech, golden: GeneratorGolden, quantization: str, out: Path
) -> Packed:
    work = out / "work"
    work.mkdir()
    source, tokenizer = export_float(model.folder, work, speech.max_tokens), model.folder / "tokenizer.json"
    assemble(source, tokenizer, speech, work / MODEL)
    before = _measured(work / MODEL, golden, speech)
    if quantization == "float32":
        zero = 0
        (work / MODEL).rename(out / MODEL)
    else:
        (work / MODEL).unlink()
        zero = quantize(source, work / "stored.tflite", quantization)
        assemble(work / "stored.tflite", tokenizer, speech, out / MODEL)
    shutil.rmtree(work)
    return Packed(
        zero, before, before if quantization == "float32" else _measured(out / MODEL, golden, speech)
    )


def _measured(file: Path, golden: GeneratorGolden, speech: Speech) -> MeasuredGenerator | None:
    try:
        return measure(file, golden, speech.max_tokens)
    except ModuleNotFoundError:  # the extra [answers]; the gates then say `unchecked`
        return None


def _merged(job: Job, model: LanguageModel) -> JsonObject:
    """Return the proof that the packed weights are what was tuned, null where nothing was."""
    proof = job.facts("instruct", InstructFacts).merge.as_json() if "instruct" in job.inputs else None
    return {"merge": proof, "packed_weights": weights_digest(model.folder)}


def _spec(
    recipe: Recipe, generator: Generator, speech: Speech, proofs: JsonObject, file: Path
) -> GeneratorSpec:
    return GeneratorSpec(
        contract=CONTRACT,
        name=recipe.name,
        version=recipe.version,
        base=generator.name,
        revision=generator.revision,
        licence=generator.licence,
        quantization=generator.quantization,
        file=GeneratorFile(bytes=file.stat().st_size, sha256=files.sha256(file)),
        prompt=generator.prompt,
        budget=generator.budget,
        answer_tokens=generator.answer_tokens,
        max_tokens=generator.max_tokens,
        template_sha256=files.text_sha256(speech.template),
        start=StartToken(id=speech.start, prepended=False),
        stop=speech.stop,
        tools=versions(TOOLS),
        proofs=proofs,
    )
