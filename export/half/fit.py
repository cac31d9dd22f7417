"""Fit an encoder into fp16: measure, choose, scale, and check all three on texts that chose nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pocketrag.console import progress, status
from pocketrag.errors import GateError
from pocketrag.formats.embedder.embedder_folder import Embedder
from pocketrag.formats.facts.base import FAR, or_nan
from pocketrag.formats.facts.export import HalfFacts
from pocketrag.formats.layout import MODEL

from ..model.bert import Bert
from ..model.embedding_gemma2 import EmbeddingGemma2
from ..model.encoder import Encoder
from ..model.gemma3 import Gemma3
from ..model.modernbert import ModernBert
from ..model.qwen3 import Qwen3
from . import rescale_bert, rescale_embedding_gemma2, rescale_gemma3, rescale_prenorm
from .exponents import LARGEST, LIMIT, SHARE, Exponents
from .peaks import Peaks, measure, padded

#: What fp16 itself costs is some 1e-5 of a cosine.
LEAST_COSINE = 0.9999
#: Above it fp16 rounds a mean square to its least number, 2^-24, and not to 0, by which a norm would divide.
LEAST_MEAN_SQUARE = 2.0**-25
#: Texts and their tokens in fp16, which a processor without such products takes ten times as long for. Where
#: the shortest length is longer, fewer texts, but never under the last number.
HALVES, TOKENS, LEAST_HALVES = 24, 64, 3


class Rescaler(NamedTuple):
    """What a family knows about powers of two."""

    choose: Callable[[Encoder, Peaks], Exponents]
    apply: Callable[[Encoder, Exponents], None]


#: A transformer written for export -> where its powers of two go.
RESCALERS: dict[type[nn.Module], Rescaler] = {
    Bert: Rescaler(rescale_bert.choose, rescale_bert.apply),
    EmbeddingGemma2: Rescaler(rescale_embedding_gemma2.choose, rescale_embedding_gemma2.apply),
    Gemma3: Rescaler(rescale_gemma3.choose, rescale_gemma3.apply),
    ModernBert: Rescaler(rescale_prenorm.choose, rescale_prenorm.apply),
    Qwen3: Rescaler(rescale_prenorm.choose, rescale_prenorm.apply),
}


def rescaled(embedder: Embedder, longest: int, dims: int | None, exponents: Exponents) -> Encoder:
    """Return an embedder's encoder as it is exported, with these powers of two in it.

    Raises:
        InputError: as `Encoder` does.

    """
    encoder = Encoder(embedder, longest, dims).eval()
    _rescaler(encoder).apply(encoder, exponents)
    return encoder


def fit(
    embedder: Embedder,
    lengths: Sequence[int],
    dims: int | None,
    calibrating: list[list[int]],
    checking: list[list[int]],
) -> tuple[Exponents, HalfFacts]:
    """Choose the powers of two that bring an embedder inside fp16.

    The same inputs give the same ones on one machine; on another, float32 sums differ in their last digit.

    Args:
        embedder: the folder.
        lengths: of the signatures, rising; texts are padded to them.
        dims: as of `Encoder`.
        calibrating: token ids of texts that choose.
        checking: token ids of other texts, which check.

    Raises:
        InputError: as `Encoder` does.
        GateError: scaling changed a vector.

    """
    encoder = Encoder(embedder, lengths[-1], dims).eval()
    rescaler = _rescaler(encoder)
    seen, _ = measure(encoder, calibrating, lengths, "Measuring activations", everything=False)
    before, plain = measure(encoder, checking, lengths, "Measuring those of other texts")
    exponents = rescaler.choose(encoder, seen)
    rescaler.apply(encoder, exponents)
    after, vectors = measure(encoder, checking, lengths, "Measuring them inside fp16")
    difference = _difference(plain, vectors)
    least, halves = _in_half(encoder, checking, vectors, lengths)
    facts = HalfFacts(
        exponents={name: tuple(found) for name, found in exponents.items()},
        calibration_texts=len(set(map(tuple, calibrating))),
        calibrated_to=SHARE,
        n=len(checking),
        largest_before=min(before.largest, FAR),
        largest=min(after.largest, FAR),
        largest_in=after.where,
        limit=LARGEST * LIMIT,
        least_mean_square=min(after.least_mean_square, FAR),
        subnormal=round(after.subnormal / max(1, after.values), 6),
        largest_difference=difference,
        least_cosine=least,
        n_in_half=halves,
        fits=after.largest <= LARGEST * LIMIT
        and after.least_mean_square > LEAST_MEAN_SQUARE
        and least >= LEAST_COSINE,
    )
    status(_said(facts))
    return exponents, facts


def _rescaler(encoder: Encoder) -> Rescaler:
    return RESCALERS[type(encoder.transformer)]


def _difference(before: Tensor, after: Tensor) -> float:
    difference = float((before - after).abs().max())
    if not torch.equal(before, after):
        raise GateError(f"{MODEL}: powers of two for fp16 moved a vector in float32 by {difference:.1e}.")
    return difference


@torch.no_grad()
def _in_half(
    encoder: Encoder, rows: list[list[int]], vectors: Tensor, lengths: Sequence[int]
) -> tuple[float, int]:
    # Least cosine to float32 of vectors that PyTorch computes in fp16, and of how many; the encoder stays so.
    encoder.half()
    tokens = max(TOKENS, lengths[0])
    short = [i for i, row in enumerate(rows) if len(row) <= tokens]
    short = short[: max(LEAST_HALVES, HALVES * TOKENS // tokens)]
    inputs = [padded(encoder, rows[i], lengths) for i in short]
    found = torch.cat([half_vector(encoder, ids) for ids in progress(inputs, "Embedding in fp16")])
    cosines = torch.nn.functional.cosine_similarity(vectors[short], found)
    return round(float(cosines.min()), 7), len(short)


def half_vector(encoder: Encoder, ids: Tensor) -> Tensor:
    """Return the vector float32 [1, dims] of ids int32 [1, L], by an encoder that was brought to fp16."""
    mask = encoder.mask(ids).to(torch.float16)
    return encoder.pool(encoder.transformer(ids, mask), mask).float()


def _said(facts: HalfFacts) -> str:
    before, after = (f"{or_nan(size):.0f}" for size in (facts.largest_before, facts.largest))
    return (
        f"{'inside' if facts.fits else 'NOT inside'} fp16: at most {after} of {LARGEST:.0f} in "
        f"{facts.largest_in} over {facts.n} other texts (unscaled {before}), least cosine "
        f"{facts.least_cosine} over {facts.n_in_half}"
    )
