"""Files of results that others made on their phones and sent in (docs/device.md): `latency --results FILE`.

A file is what one `adb shell` printed: properties of the phone, `sha256sum` of model and program, and
benchmark_model, a length after another. Nothing says who made it or when.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isclose
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.phone.device import BenchmarkModel, PhoneFacts
from pocketrag.formats.golden import Golden
from pocketrag.formats.layout import MODEL

from . import state
from .adb import Attached, DeviceError
from .phone_run import Run, commonest
from .printed import STARTED, Printed, digests, processes

PREFIX = "sent:"
#: Characters of a file's digest that tell it from all others.
DIGITS = 8
#: benchmark_model tells a model's size in 10^6 bytes with six digits.
SIX_DIGITS = 1e-5
HOW = "docs/device.md says how such a file is made"


def read(given: Sequence[str], bundle: Path, spec: EmbedderSpec, golden: Golden) -> list[Run]:
    """Read files of results of a bundle's main model.

    Raises:
        InputError: one is missing or given twice, is no output of benchmark_model, or is of another model;
            with its line.

    """
    runs: dict[str, Run] = {}
    names: dict[str, str] = {}
    for name in given:
        run = _read(Path(name), bundle / MODEL, spec, golden)
        key = run.attached.serial
        if key in runs:
            raise InputError(f"--results {name}: holds the same as {names[key]}; give each once.")
        runs[key], names[key] = run, name
    return list(runs.values())


def _read(file: Path, model: Path, spec: EmbedderSpec, golden: Golden) -> Run:
    if not file.is_file():
        raise InputError(f"--results {file}: no such file.")
    text = _text(file)
    found = processes(text)
    if not found:
        raise InputError(f"{file}:1: no output of LiteRT's benchmark_model, no line says `{STARTED}`; {HOW}.")
    own, program = _digests(file, text, model)
    serial = f"{PREFIX}{files.sha256(file)[:DIGITS]}"
    run = Run(Attached(serial, "sent"), source="sent", lengths=spec.lengths, threads=_threads(file, found))
    run.phone, run.model_sha256, run.common = _phone(text), own, commonest(golden, spec.lengths)
    for one in found:
        _take(run, file, one, model)
    run.program = BenchmarkModel(sha256=program, runtime=found[0].runtime, signatures=True, input_files=False)
    if missing := [f"embed_{length}" for length in spec.lengths if length not in run.timings]:
        run.trouble = DeviceError("answer", f"the file holds no run of {', '.join(missing)}")
    return run


def _take(run: Run, file: Path, one: Printed, model: Path) -> None:
    where = f"{file}:{one.line}"
    length = _length(run, where, one)
    size = model.stat().st_size / 1e6
    if one.megabytes is not None and not isclose(one.megabytes, size, rel_tol=SIX_DIGITS):
        raise InputError(
            f"{where}: of another model: its file has {one.megabytes:g} MB, {model.name} has {size:.6g}."
        )
    if one.elsewhere:
        raise InputError(
            f"{where}: `{one.elsewhere}`: results of the CPU alone, in float32, are taken; {HOW}."
        )
    try:
        run.timings[length], run.memory[length] = one.timing(), one.memory()
    except DeviceError as error:
        raise InputError(f"{where}: embed_{length}: {error} {HOW}.") from None


def _length(run: Run, where: str, one: Printed) -> int:
    if one.signature is None:
        raise InputError(f"{where}: does not say which signature ran (--signature_to_run_for); {HOW}.")
    by_name = {f"embed_{length}": length for length in run.lengths}
    if one.signature not in by_name:
        raise InputError(
            f"{where}: of another model: {one.signature} ran; this one has {', '.join(by_name)}."
        )
    length = by_name[one.signature]
    if length in run.timings:
        raise InputError(f"{where}: {one.signature} is there twice; a file holds one run of each.")
    return length


def _threads(file: Path, found: Sequence[Printed]) -> int | None:
    first = found[0]
    for one in found:
        if one.threads != first.threads:
            raise InputError(
                f"{file}:{one.line}: {one.threads or 'no'} threads asked for, {first.threads or 'none'} in "
                f"line {first.line}; all runs of a file take as many."
            )
    return first.threads


def _digests(file: Path, text: str, model: Path) -> tuple[str | None, str | None]:
    """Return the SHA-256 of model and program, None where the file does not tell it.

    Raises:
        InputError: that of the model is another's.

    """
    own = program = None
    wanted = files.sha256(model)
    for line, digest, name in digests(text):
        if Path(name).suffix != model.suffix:
            program = digest
        elif digest == wanted:
            own = digest
        else:
            raise InputError(
                f"{file}:{line}: of another model: SHA-256 {digest}, and {model.name} has {wanted}."
            )
    return own, program


def _phone(text: str) -> PhoneFacts:
    properties = dict(re.findall(r"^\[(.+?)\]: \[(.*)\]\r?$", text, re.MULTILINE))
    return PhoneFacts.model_validate({**state.named(properties), "emulated": state.is_emulated(properties)})


def _text(file: Path) -> str:
    data = file.read_bytes()
    # Windows PowerShell's `>` writes UTF-16.
    utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if utf_16 else "utf-8", errors="replace")
