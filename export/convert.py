"""`pocketrag convert`: an embedder folder -> one float32 `embedder.tflite`, proved equal to PyTorch.

It has a signature for every length.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

from pocketrag.console import progress, status
from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import Embedder, read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.embedder_tokenizer import tokenizer_of
from pocketrag.formats.facts.export import ConvertFacts, HalfFacts
from pocketrag.formats.layout import EXPONENTS, MODEL, SPEC
from pocketrag.formats.prompt_room import need_room
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize, load_tokenizer
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import float_model, network_student
from pocketrag.reference.float_vectors import shorten
from pocketrag.reference.network_student import Network
from pocketrag.reference.stand_ins import questions_of
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder

from .half.exponents import Exponents
from .half.fit import fit
from .half.fit_texts import calibrating, checking
from .model.lower import lower
from .sample_texts import SCRIPTS, token_rows

#: Float32 arithmetic in another order moves a cosine by about 1e-6; whatever is beyond this is another
#: function.
LEAST_COSINE = 0.99999


class Keys(NamedTuple):
    """The recipe's keys that messages name."""

    lengths: str
    query: str


class Wanted(NamedTuple):
    """What is converted."""

    folder: Path
    """The embedder's."""
    name: str
    """The model's, for messages."""
    prompts: Prompts
    lengths: tuple[int, ...]
    dims: int | None
    """Only its first so many; None is all."""
    keys: Keys
    beside: Path | None = None
    """The stage of a student beside whose network a static student stands."""


class _Proof(NamedTuple):
    to_pytorch: float
    """Least cosine."""
    between_lengths: float
    """Least cosine."""
    rows: int
    """Texts whose vectors were compared."""
    texts: int
    """Texts whose tokens were compared."""


def convert(job: Job) -> ConvertFacts:
    """Convert the float model of a source to LiteRT in float32.

    Raises:
        InputError: the family can't be exported, a weight is missing, or a length exceeds what the model
            takes.
        GateError: the `.tflite` does not compute what PyTorch computes, or tokens differ.

    """
    recipe = job.recipe
    wanted = Wanted(
        job.embedder,
        recipe.model.name,
        job.prompts,
        recipe.export.lengths,
        recipe.export.dims,
        Keys("export.lengths", "prompts.query"),
    )
    return convert_folder(recipe, wanted, job.out)


def convert_folder(recipe: Recipe, wanted: Wanted, out: Path) -> ConvertFacts:
    """Convert an embedder's folder to LiteRT in float32, inside fp16's range, and prove it against PyTorch.

    Writes `MODEL`, its `SPEC`, the tokenizer and `EXPONENTS` into the folder `out`.

    Raises:
        InputError: as `convert` does.
        GateError: as `convert` does.

    """
    embedder, lengths, keys = read_embedder(wanted.folder), wanted.lengths, wanted.keys
    if lengths[-1] > embedder.max_tokens:
        raise InputError(
            f"`{keys.lengths}`: {lengths[-1]} is more than the {embedder.max_tokens} tokens that "
            f"{wanted.name} takes."
        )
    tokenizer = tokenizer_of(embedder)
    shutil.copyfile(embedder.folder / tokenizer.file, out / tokenizer.file)
    tokenize = load_tokenizer(out, tokenizer)
    need_room(keys.query, wanted.prompts.query, tokenize, lengths[-1], keys.lengths)
    exponents, half = _fit(recipe, wanted, embedder, tokenize)
    (out / EXPONENTS).write_text(files.to_json(exponents), "utf-8")
    status(f"converting {len(lengths)} lengths; weights are stored once")
    dims = lower(wanted.folder, lengths, out / MODEL, wanted.dims, exponents, wanted.beside)
    spec = EmbedderSpec(
        dims=dims, lengths=lengths, quantization="float32", prompts=wanted.prompts, tokenizer=tokenizer
    )
    (out / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    proof = _prove(recipe, wanted, LiteRtEmbedder(out, spec))
    return ConvertFacts(
        bytes=(out / MODEL).stat().st_size,
        dims=dims,
        lengths=lengths,
        least_cosine_to_pytorch=round(proof.to_pytorch, 8),
        least_cosine_between_lengths=round(proof.between_lengths, 8),
        n=proof.rows,
        texts_with_same_tokens=proof.texts,
        half=half,
    )


def _fit(
    recipe: Recipe, wanted: Wanted, embedder: Embedder, tokenize: Tokenize
) -> tuple[Exponents, HalfFacts]:
    # In a function of its own: the encoder takes a gigabyte, which is free again when the converter starts.
    rows = [each(recipe, wanted.prompts, tokenize, wanted.lengths[-1]) for each in (calibrating, checking)]
    return fit(embedder, wanted.lengths, wanted.dims, *rows)


def _prove(recipe: Recipe, asked: Wanted, lite: LiteRtEmbedder) -> _Proof:
    model = _network(asked)
    tokens = _same_tokens(recipe, asked.prompts, model.model.tokenizer, lite)
    rows = token_rows(recipe, asked.prompts, lite.tokenize, lite.spec.lengths)
    least = {"to PyTorch": 1.0, "between lengths": 1.0}
    for number, ids in enumerate(progress(rows, "Comparing with PyTorch")):
        wanted = shorten(network_student.encode(model, [ids]), lite.spec.dims)[0]
        first, *others = [lite.embed_ids(ids, size) for size in _sizes(lite.spec.lengths, len(ids), number)]
        least["to PyTorch"] = min(
            [least["to PyTorch"], *(ranking.cosine(vector, wanted) for vector in (first, *others))]
        )
        least["between lengths"] = min(
            [least["between lengths"], *(ranking.cosine(first, other) for other in others)]
        )
    for what, cosine in least.items():
        status(
            f"LiteRT {what}: least cosine {cosine:.7f} over {len(rows)} texts of 1 to "
            f"{lite.spec.lengths[-1]} tokens"
        )
        if not cosine >= LEAST_COSINE:
            raise GateError(
                f"{MODEL}: float32 {what}: least cosine {cosine:.6f} < {LEAST_COSINE} over {len(rows)} texts."
            )
    return _Proof(least["to PyTorch"], least["between lengths"], len(rows), tokens)


def _network(wanted: Wanted) -> Network:
    beside = network_student.load_beside(wanted.beside) if wanted.beside else None
    return Network(float_model.load_float(wanted.folder), wanted.folder, beside)


def _sizes(lengths: tuple[int, ...], tokens: int, number: int) -> list[int]:
    # The shortest length that holds the text and the next one, for every tenth text also the longest: padding
    # must not matter.
    holding = [length for length in lengths if length >= tokens]
    return sorted({*holding[:2], *(holding[-1:] if number % 10 == 0 else ())})


def _same_tokens(recipe: Recipe, prompts: Prompts, tokenizer: Any, lite: LiteRtEmbedder) -> int:  # noqa: ANN401
    everything = [prompts.ask(text) for text in questions_of(recipe)]
    everything += [prompts.passage(p.title, p.text) for p in recipe.data.passages()]
    everything += [prompts.ask(text) for text in SCRIPTS]
    for text in progress(everything, "Comparing tokens"):
        theirs = tokenizer(text, truncation=False, verbose=False)["input_ids"]
        if list(theirs) != lite.tokenize(text):
            raise GateError(
                f"{lite.spec.tokenizer.file}: tokenizes unlike the embedder's own tokenizer, for "
                f"example {text[:80]!r}."
            )
    return len(everything)
