"""Does the generator beside a bundle read, write and stop as the model that it was packed from?

`golden.json` holds what transformers made of some dialogues in float32; LiteRT-LM runs them again here.
"""

from __future__ import annotations

from collections.abc import Callable

from pocketrag.formats import tflite
from pocketrag.formats.facts.generator import GreedyProof, MeasuredGenerator
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least, at_most, failed, judged, passed, skipped, unchecked
from pocketrag.formats.generator import FILES, MODEL, NOTICE
from pocketrag.formats.tflite import LEAST_SCALE, blocks, model_in

from .packed import PackedGenerator

#: Fewer prompts or shorter answers prove too little.
LEAST_PROMPTS, LEAST_TOKENS = 20, 24
#: Nats a token by which quantizing may lower the likelihood of the float model's answers before the model is
#: broken rather than coarse: seven times less likely, each token. What it costs in answers, the exam says.
BROKEN = 2.0
#: Quantization -> types of matrices that must be stored, and that must not.
STORED = {"float32": ("float32", ("int8", "int4")), "int8": ("int8", ("int4",)), "int4": ("int4", ())}
ABSENT = "LiteRT-LM is not installed: pip install 'pocketrag[answers]'"


def whole(gate: Callable[[PackedGenerator], Outcome]) -> Callable[[PackedGenerator], Outcome]:
    """Give a gate a generator that is the one that was packed; nothing else is opened."""

    def run(generator: PackedGenerator) -> Outcome:
        if not generator.whole:
            return unchecked("the generator is not the one that was packed")
        try:
            return gate(generator)
        except ModuleNotFoundError:
            return unchecked(ABSENT)
        except Exception as error:  # a damaged model may break the runtime in any way
            return failed(f"{type(error).__name__}: {error}")

    return run


def contents(generator: PackedGenerator) -> Outcome:
    """Check every file against `SHA256SUMS`, and the model against `generator.json`."""
    if generator.faults:
        return failed("; ".join(generator.faults))
    return passed(f"{len(FILES)} files, the model {generator.spec.file.bytes:,} bytes")


@whole
def licence(generator: PackedGenerator) -> Outcome:
    """Check that the generator passes on what its base's licence asks for."""
    if not (generator.folder / NOTICE).read_text("utf-8", "replace").strip():
        return failed(f"{NOTICE} is empty")
    if not generator.spec.licence:
        return unchecked("the recipe states none: set `generator.licence`")
    return passed(f"{generator.spec.base}: {generator.spec.licence}; {NOTICE} is there")


@whole
def template(generator: PackedGenerator) -> Outcome:
    """Check that LiteRT-LM renders dialogues, given as lists of parts, as transformers renders strings."""
    found = generator.measured.prompts
    said = _of(found.texts, found.dialogues, found.first_difference)
    return at_least(found.texts / found.dialogues, 1.0, said)


@whole
def prompt_ids(generator: PackedGenerator) -> Outcome:
    """Check the tokens that are really prefilled, in the first and the second turn.

    The ids are the runtime's own, of the text that it renders, with the start token that it puts before;
    their number is compared with what it counts while it prefills.
    """
    found = generator.measured.prompts
    right = min(found.ids, found.counts)
    said = _of(right, found.dialogues, found.first_difference)
    return at_least(right / found.dialogues, 1.0, said)


@whole
def greedy(generator: PackedGenerator) -> Outcome:
    """Check that the float32 `.litertlm` writes what transformers writes.

    Of a quantized generator, the one that it was quantized from, as `pack` measured it.
    """
    found = _float(generator)
    if found is None:
        return unchecked(f"not measured as it was packed: {ABSENT}")
    if found.prompts < LEAST_PROMPTS or found.tokens < LEAST_TOKENS:
        return unchecked(f"only {found.prompts} prompts of {found.tokens} tokens")
    detail = f"float32, {_of(found.equal, found.prompts, found.first_difference)}, {found.tokens} tokens each"
    return at_least(found.equal / found.prompts, 1.0, detail)


@whole
def quantized(generator: PackedGenerator) -> Outcome:
    """Report what quantizing changed, and hold it to the recipe's limit where an exam measured it."""
    if generator.spec.quantization == "float32":
        return skipped("nothing is quantized")
    found = generator.measured.greedy
    loss = found.log_likelihood_float - found.log_likelihood
    said = (
        f"common prefix {found.common_prefix:.3f}, log-likelihood a token {found.log_likelihood:.2f} against "
        f"{found.log_likelihood_float:.2f} in float32, n = {found.prompts}"
    )
    if not loss <= BROKEN:
        return at_most(loss, BROKEN, said)
    exam = generator.exam
    if exam is None:
        return unchecked(f"no exam has measured it yet; {said}")
    low, high = exam.interval
    shown = f"of accuracy in the exam, 95 % interval {low:+.4f} to {high:+.4f}, {exam.questions} questions"
    return at_most(exam.quantization_loss, exam.limit, f"{shown}; {said}")


@whole
def examined(generator: PackedGenerator) -> Outcome:
    """Check that the exam of this very file says that it ships."""
    exam = generator.exam
    if exam is None:
        return unchecked("no exam was taken (`pocketrag exam`); without one no generator ships")
    return judged(exam.ships, f"{exam.accuracy:.4f} of {exam.questions} questions; {exam.reason}")


@whole
def stored_blocks(generator: PackedGenerator) -> Outcome:
    """Check that weights are stored as the quantization says, and that LiteRT takes each block's scale."""
    content = model_in(generator.folder / MODEL)
    kinds = {constant.kind for constant in tflite.constants(tflite.open_model(content))}
    wanted, never = STORED[generator.spec.quantization]
    if wanted not in kinds or kinds & set(never):
        return failed(f"{generator.spec.quantization} is stored as {', '.join(sorted(kinds))}")
    rows = [(name, int((scales < LEAST_SCALE).sum()), len(scales)) for name, scales, _ in blocks(content)]
    if bad := [f"{name[-80:]}: {small} of {count} scales" for name, small, count in rows if small]:
        return failed(f"too small for LiteRT: {bad[0]}")
    return passed(f"{', '.join(sorted(kinds))}; {sum(count for *_, count in rows):,} blocks")


@whole
def stops(generator: PackedGenerator) -> Outcome:
    """Check that answers end where the model ends them."""
    measured, spec = generator.measured, generator.spec
    if measured.stop != tuple(sorted(spec.stop)):
        return failed(f"LiteRT-LM stops at {measured.stop}, generator.json says {spec.stop}")
    turns = [one for one in generator.golden.turns if any(m["role"] == "assistant" for m in one.messages)]
    if not all(set(one.ids) & set(spec.stop) for one in turns):
        return failed(f"the template ends an answer with none of {spec.stop}")
    found = _float(generator)
    if found is None or not found.to_stop:
        tokens = measured.greedy.tokens
        return unchecked(f"stop tokens {spec.stop}; no reference answer ends within {tokens} tokens")
    return judged(
        found.stopped == found.to_stop, f"{found.stopped} of {found.to_stop} answers, at {spec.stop}"
    )


def _float(generator: PackedGenerator) -> GreedyProof | None:
    if generator.spec.quantization == "float32":
        return generator.measured.greedy
    proof = generator.spec.proofs.get("float32")
    return None if proof is None else MeasuredGenerator.read(proof, "generator.json, proofs.float32").greedy


def _of(right: int, count: int, difference: str | None) -> str:
    return f"{right} of {count}" + (f"; {difference}" if difference else "")
