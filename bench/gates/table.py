"""The table of gates, in the order in which they run and are shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import Gate
from pocketrag.formats.manifest import Manifest, read_manifest

from ..phone.phones import Phone
from . import (
    computation,
    database,
    device,
    emulator,
    floor,
    integrity,
    stored,
    tokenizer,
)
from .emulator import Emulated
from .examined import DEVICE, EMBEDDER, EMULATOR, GENERATOR, LITERT, NPU, Examined
from .generator import spoken as speech
from .generator.merge_proof import merge
from .generator.packed import PackedGenerator
from .litertlm import engine_parity
from .npu import npu_gates as npu
from .npu.npu_files import NpuFiles
from .opened import Opened
from .students import student, student_ladder

#: The purposes of `verify`.
BUILD, RELEASE = "build", "release"
EACH, RELEASE_ONLY, NEITHER = frozenset({BUILD, RELEASE}), frozenset({RELEASE}), frozenset[str]()
BUNDLE, MODEL = frozenset[str](), frozenset({LITERT})
#: What is there only where somebody gives it.
BESIDE = frozenset({EMBEDDER, EMULATOR, DEVICE, GENERATOR, NPU})
#: Gates that only judged questions can tell.
ASKING = frozenset({"quality", "student_gain", "verdict"})
#: What a build may leave unchecked: of a generator an exam, a stated licence, an answer that ends; of NPU
#: files whatever needs the emulator.
LATER = frozenset(
    {
        "generator_quantized",
        "generator_exam",
        "generator_licence",
        "generator_stops",
        "npu_parity",
        "npu_ranking",
    }
)
#: What nothing here can measure yet: shown as unchecked, never required. Each phone proves it for itself
#: before its NPU answers (docs/npu.md).
ON_THE_PHONE = frozenset({"npu_device"})
#: What is said of a gate for which it was not given.
ABSENT = {
    EMBEDDER: "not asked for (--embedder DIR)",
    EMULATOR: "not asked for (--emulator)",
    DEVICE: "no Android device was given (--device SERIAL or all)",
    GENERATOR: "no generator lies beside the bundle (NAME.generator)",
    NPU: "no NPU files lie beside the bundle (NAME.npu)",
}

Run = Callable[[Examined], Outcome]


def unopened(gate: Callable[[Path, Manifest], Outcome]) -> Run:
    """Give a gate the folder and its manifest."""
    return lambda bundle: gate(bundle.folder, bundle.manifest)


def computed(gate: Callable[[Opened], Outcome]) -> Run:
    """Give a gate the bundle with everything open."""
    return lambda bundle: gate(bundle.opened)


def taught(gate: Callable[[Opened], Outcome]) -> Run:
    """Give a gate one student after another."""
    return lambda bundle: student.of_all(bundle.students, gate)


def compared(name: str) -> Run:
    """Take what the comparison with the float embedder says of one of its own gates."""
    return lambda bundle: next(row for row in bundle.compared.gates if row.gate == name)


def emulated(gate: Callable[[Emulated], Outcome]) -> Run:
    """Give a gate what the emulated cores computed; where they computed nothing, all say why."""
    return lambda bundle: bundle.emulated.trouble or gate(bundle.emulated)


def spoken(gate: Callable[[PackedGenerator], Outcome]) -> Run:
    """Give a gate the generator beside the bundle."""
    return lambda bundle: gate(bundle.generator)


def compiled(gate: Callable[[NpuFiles], Outcome]) -> Run:
    """Give a gate the NPU files beside the bundle."""
    return lambda bundle: gate(bundle.npu)


def on_each_phone(gate: Callable[[Phone], Outcome]) -> Callable[[Examined], list[Outcome]]:
    """Give a gate one phone after another."""
    return lambda bundle: [gate(phone) for phone in bundle.phones.measured]


GATES: tuple[Gate, ...] = (
    Gate(
        "contract",
        "integrity",
        BUNDLE,
        EACH,
        lambda bundle: integrity.contract(bundle.folder),
        stops="the manifest can't be read",
    ),
    # Nothing is opened whose digest is wrong: a changed model could do anything.
    Gate(
        "digests",
        "integrity",
        BUNDLE,
        EACH,
        unopened(integrity.digests),
        stops="a file is not the one that was built",
    ),
    Gate("licences", "integrity", BUNDLE, RELEASE_ONLY, unopened(integrity.licences)),
    Gate("verdict", "integrity", BUNDLE, EACH, unopened(integrity.verdict)),
    Gate("quality", "integrity", BUNDLE, EACH, unopened(integrity.quality)),
    Gate("chance", "integrity", BUNDLE, RELEASE_ONLY, unopened(floor.chance)),
    Gate("agreement", "integrity", BUNDLE, EACH, unopened(integrity.agreement)),
    Gate("size", "integrity", BUNDLE, EACH, unopened(integrity.size)),
    Gate("tokenizer", "tokenizer", BUNDLE, EACH, unopened(tokenizer.tokenizer)),
    Gate("opens", "computation", MODEL, EACH, computation.opens, stops="the bundle does not open"),
    Gate("model_id", "computation", MODEL, EACH, computed(computation.model_id)),
    Gate("weights", "computation", MODEL, EACH, computed(computation.weights)),
    Gate("database", "database", MODEL, EACH, computed(database.database)),
    Gate("golden", "computation", MODEL, EACH, computed(computation.golden)),
    Gate("tokens", "computation", MODEL, EACH, computed(computation.tokens)),
    Gate("shipped_parity", "computation", MODEL, EACH, computed(computation.shipped_parity)),
    Gate("twin_parity", "computation", MODEL, EACH, computed(computation.twin_parity)),
    Gate("lengths", "computation", MODEL, EACH, computed(computation.lengths)),
    Gate("ranking", "computation", MODEL, EACH, computed(computation.ranking)),
    Gate("passages", "computation", MODEL, EACH, stored.by_full),
    Gate("spread", "computation", MODEL, EACH, computed(floor.spread)),
    Gate("litertlm_parity", "litertlm", MODEL, EACH, computed(engine_parity.parity)),
    Gate("sqlite_vec", "database", MODEL, EACH, computed(database.sqlite_vec)),
    Gate("student_ladder", "student", BUNDLE, EACH, unopened(student_ladder.ladder)),
    Gate("student_parity", "student", MODEL, EACH, taught(student.parity)),
    Gate("student_agreement", "student", MODEL, EACH, taught(student.agreement)),
    Gate("student_gain", "student", MODEL, EACH, taught(student.gain)),
    Gate("student_blind", "student", MODEL, NEITHER, taught(student.blind)),
    Gate("student_golden", "student", MODEL, EACH, taught(student.golden)),
    Gate("parity_tokens", "parity", frozenset({EMBEDDER}), NEITHER, compared("tokens")),
    Gate("parity_vectors", "parity", frozenset({EMBEDDER}), NEITHER, compared("vectors")),
    Gate("parity_cosine", "parity", frozenset({EMBEDDER}), NEITHER, compared("cosine")),
    Gate("parity_padding", "parity", frozenset({EMBEDDER}), NEITHER, compared("padding")),
    Gate("parity_overlap", "parity", frozenset({EMBEDDER}), NEITHER, compared("overlap")),
    Gate("emulator_parity", "emulator", frozenset({EMULATOR}), NEITHER, emulated(emulator.parity)),
    Gate("emulator_twin", "emulator", frozenset({EMULATOR}), NEITHER, emulated(emulator.to_reference)),
    Gate("emulator_lengths", "emulator", frozenset({EMULATOR}), NEITHER, emulated(emulator.lengths)),
    Gate("emulator_ranking", "emulator", frozenset({EMULATOR}), NEITHER, emulated(emulator.ranking)),
    Gate("generator_bytes", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.contents)),
    Gate("generator_licence", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.licence)),
    Gate("generator_merge", "generator", frozenset({GENERATOR}), NEITHER, spoken(merge)),
    Gate("generator_template", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.template)),
    Gate("generator_prompt_ids", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.prompt_ids)),
    Gate("generator_greedy", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.greedy)),
    Gate("generator_quantized", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.quantized)),
    Gate("generator_exam", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.examined)),
    Gate("generator_blocks", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.stored_blocks)),
    Gate("generator_stops", "generator", frozenset({GENERATOR}), NEITHER, spoken(speech.stops)),
    Gate("npu_coverage", "npu", frozenset({NPU}), NEITHER, compiled(npu.coverage)),
    Gate("npu_parity", "npu", frozenset({NPU}), NEITHER, compiled(npu.emulated(npu.parity))),
    Gate("npu_ranking", "npu", frozenset({NPU}), NEITHER, compiled(npu.emulated(npu.ranking))),
    Gate("npu_device", "npu", frozenset({NPU}), NEITHER, compiled(npu.device)),
    Gate("device_parity", "device", frozenset({DEVICE}), RELEASE_ONLY, on_each_phone(device.parity)),
    Gate("device_latency", "device", frozenset({DEVICE}), RELEASE_ONLY, on_each_phone(device.latency)),
    Gate("device_memory", "device", frozenset({DEVICE}), RELEASE_ONLY, on_each_phone(device.memory)),
)


def of_family(family: str) -> tuple[str, ...]:
    """Return the names of a family's gates."""
    return tuple(gate.name for gate in GATES if gate.family == family)


def required(purpose: str, given: Collection[str], bundle: Path | None = None) -> frozenset[str]:
    """Return the gates that a purpose requires, and those for which somebody gave what they need.

    These were asked for. A build of a corpus without questions does without those that need some; a release
    never does.
    """
    names = frozenset(
        gate.name
        for gate in GATES
        if purpose in gate.required_for or (gate.needs & BESIDE and gate.needs <= frozenset(given))
    )
    names -= ON_THE_PHONE
    if purpose == BUILD:
        names -= LATER
    asked = bundle is None or purpose != BUILD or _has_questions(bundle)
    return names if asked else names - ASKING


def _has_questions(bundle: Path) -> bool:
    try:
        return read_manifest(bundle).has_questions
    except InputError:  # the gate `contract` says so
        return True
