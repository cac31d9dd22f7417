"""Stage `npu`: the quantized model in float16, compiled for each system on a chip of the recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.capabilities import npu_fault
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.npu import NpuFacts, NpuMade
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.formats.npu import CONTRACT, NpuFile, NpuSpec
from pocketrag.formats.npu.npu_folder import write_npu
from pocketrag.formats.tokenizer import load_tokenizer
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.notice import notice
from pocketrag.recipe.quantization import Quantization, Store, quantization
from pocketrag.reference.stand_ins import questions_of

from ..quantize import quantize_model
from .compiler import Made, compile_for
from .lengths import fitting, lengths_for
from .rewrite import rewrite
from .toolchain import Toolchain, find_toolchain, versions

#: What an int8 matrix of an NPU file is: a scale a row, no blocks.
INT8 = Store(8)


def npu(job: Job) -> NpuFacts:
    """Compile the stage's model for every system on a chip that the recipe names.

    Raises:
        InputError: nothing can be compiled here, the family was never tried, a length is none of the model's,
            or a system is unknown or fails.
        GateError: a part of the model is left to the CPU, or what was compiled is for another system.

    """
    tools, recipe = find_toolchain(), job.recipe
    if refused := npu_fault(read_embedder(job.embedder).family, recipe.model.name):
        raise InputError(refused)
    folder = job.inputs["quantize"].folder
    spec = EmbedderSpec.model_validate(files.read_json(folder / SPEC))
    tokens = _tokens(job, folder, spec)
    lengths = _lengths(job, spec, tokens)
    stored, made = _made(job, spec, lengths, tools)
    _write(job, folder, lengths, made)
    return NpuFacts(
        weights=stored,
        lengths=lengths,
        optimization=job.recipe.export.npu_optimization,
        questions=round(fitting(tokens, lengths[-1]), 4),
        n=len(tokens),
        files={soc: _facts(one) for soc, one in made.items()},
        tools=_tools(made),
    )


def _tokens(job: Job, folder: Path, spec: EmbedderSpec) -> list[int]:
    tokenize = load_tokenizer(folder, spec.tokenizer)
    return [len(tokenize(spec.prompts.ask(text))) for text in questions_of(job.recipe)]


def _lengths(job: Job, spec: EmbedderSpec, tokens: Sequence[int]) -> tuple[int, ...]:
    wanted = job.recipe.export.npu_lengths or lengths_for(tokens, spec.lengths)
    if other := [length for length in wanted if length not in spec.lengths]:
        known = ", ".join(map(str, spec.lengths))
        raise InputError(f"`export.npu_lengths`: {other[0]} is none of `export.lengths`: {known}.")
    return tuple(wanted)


def _made(
    job: Job, spec: EmbedderSpec, lengths: tuple[int, ...], tools: Toolchain
) -> tuple[str, dict[str, Made]]:
    # In a folder of its own below the stage's, which goes before anything is digested.
    work = job.out / "work"
    work.mkdir()
    stored, source = _source(job, spec, work)
    half = work / "half.tflite"
    rewrite(source, half, lengths)
    made, level = {}, job.recipe.export.npu_optimization
    for soc in job.recipe.export.npu:
        status(f"compiling for {soc}: {', '.join(map(str, lengths))} tokens")
        made[soc] = compile_for(soc, half, job.out / f"{soc}.tflite", tools, lengths, level)
    for file in work.iterdir():
        file.unlink()
    work.rmdir()
    return stored, made


def _source(job: Job, spec: EmbedderSpec, work: Path) -> tuple[str, Path]:
    # How its matrices are stored, and the file: the quantized one where they are int8 or float as they are.
    chosen = quantization(job.recipe.export.quantization)
    wanted = in_int8(chosen)
    if wanted == chosen:
        return chosen.name, job.inputs["quantize"].folder / MODEL
    file = work / MODEL
    quantize_model(wanted, job.embedder, spec.dims, [], job.inputs["convert"].folder / MODEL, file)
    return wanted.name, file


def in_int8(chosen: Quantization) -> Quantization:
    """Return how a quantization is stored for an NPU: each matrix in int8, a scale a row, or in float."""
    kinds = tuple((kind, store if store.bits == 32 else INT8) for kind, store in chosen.kinds)
    if kinds == chosen.kinds:
        return chosen
    code = "-".join(f"{kind[0]}{store.bits}" for kind, store in kinds)
    return replace(chosen, name=code, kinds=kinds, kept=0)


def _write(job: Job, folder: Path, lengths: tuple[int, ...], made: dict[str, Made]) -> None:
    spec = NpuSpec(
        contract=CONTRACT,
        name=job.recipe.name,
        version=job.recipe.version,
        model=files.sha256(folder / MODEL),
        lengths=lengths,
        files={soc: _file(one) for soc, one in made.items()},
        tools=_tools(made),
        proofs={},
    )
    write_npu(job.out, spec, notice(job.recipe, ()))


def _file(made: Made) -> NpuFile:
    file = made.compiled.file
    return NpuFile(
        file=file.name,
        bytes=file.stat().st_size,
        sha256=files.sha256(file),
        hexagon=made.target.hexagon,
        signatures=tuple(one.name for one in made.compiled.signatures),
    )


def _facts(made: Made) -> NpuMade:
    file = _file(made)
    return NpuMade(
        hexagon=file.hexagon,
        bytes=file.bytes,
        sha256=file.sha256,
        seconds=round(made.seconds, 1),
        peak_bytes=made.peak_bytes,
    )


def _tools(made: dict[str, Made]) -> dict[str, str]:
    found = {one.target.qairt for one in made.values()}
    if len(found) != 1 or "" in found:
        raise GateError("`export.npu`: the contexts do not say one version of the compiler.")
    return versions(found.pop())
