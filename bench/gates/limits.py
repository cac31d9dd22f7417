"""The limits of agreement.

They are what the recipe says, and where it says nothing, what a sound conversion was measured to keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_least
from pocketrag.recipe.quantization import quantization

#: Agreement as the contract defines it (DESIGN: golden cosine and top-10 overlap against the shipped model's
#: vectors). On the processor that built the bundle every text keeps to it.
LEAST_SHIPPED_COSINE, LEAST_OVERLAP = 0.999, 0.98
#: The same text through two lengths; dynamic-range activations make it inexact. In float32 only sums are
#: ordered otherwise.
LEAST_LENGTH_COSINE, LEAST_LENGTH_COSINE_FLOAT = 0.99, 0.9999
#: By how much a vector's length may differ from 1: float32 sums over some hundred dims are exact to 1e-6.
UNIT = 1e-3


@dataclass(frozen=True)
class Agreement:
    """What a quantization must keep of its reference model."""

    least: float
    """Cosine of the worst text."""
    mean: float
    """Mean cosine."""
    overlap: float
    """Mean share of the reference model's top 10 passages that is found."""


#: By a quantization's fewest bits. Measured on EmbeddingGemma (mean / least cosine, overlap): int8 .9986 /
#: .9976, .978; int4 in blocks with sensitive layers in int8 .967 / .93, .93; int4 in blocks .957 / .93, .894;
#: on MiniLM int8 .9985 / .9976, .968. A model with damaged attention falls to about .5, the naive conversion
#: to .05 to .3, int4 without blocks to .89 / .79, .839. An overlap of 80 questions has a standard error of
#: about .01, so the limits stand three of them lower.
FEWEST = ("int4", "int8", "float32")
TWIN = {
    "float32": Agreement(least=0.9999, mean=0.99999, overlap=0.99),
    "int8": Agreement(least=0.96, mean=0.985, overlap=0.93),
    "int4": Agreement(least=0.85, mean=0.93, overlap=0.86),
}

#: Agreement with the shipped vectors on another processor. x86 and ARM round int8 activations differently and
#: lie equally near to the reference model (EmbeddingGemma int8: mean .99853 on ARM, .99854 on x86), but not
#: as near to each other: AVX512-VNNI against an emulated Cortex-A76, mean / least cosine, overlap: MiniLM
#: int8 .99967 / .99873, .9875 (48 texts, 32 questions), EmbeddingGemma int8 .99834 / .99728, .981 (26
#: questions). `LEAST_SHIPPED_COSINE` would fail a sound model on every phone, and `LEAST_OVERLAP` would let
#: chance decide. In float32 there is nothing to round. No int4 model was measured: its activations are int8
#: as well.
ELSEWHERE = Agreement(least=0.99, mean=0.997, overlap=0.95)
ELSEWHERE_FLOAT = Agreement(least=0.999, mean=0.9999, overlap=LEAST_OVERLAP)


def elsewhere(name: str) -> Agreement:
    """Return the limits of agreement with the shipped vectors on another processor, for a quantization."""
    return ELSEWHERE_FLOAT if quantization(name).types == {"float32"} else ELSEWHERE


def agreement(name: str, limits: Limits) -> Agreement:
    """Return the limits of a quantization by its name or code, the recipe's own first."""
    usual = TWIN[min(quantization(name).types, key=FEWEST.index)]
    return Agreement(
        least=_or(limits.least_cosine, usual.least),
        mean=_or(limits.cosine, usual.mean),
        overlap=_or(limits.overlap, usual.overlap),
    )


def hold(least: float | None, mean: float | None, wanted: Agreement, cosine: str, where: str = "") -> Outcome:
    """Hold cosines to their limits.

    The least is shown where it fails, else the mean with the least beside it.

    Args:
        least: of all texts; None where one was NaN.
        mean: of all texts; the same.
        wanted: the limits of both.
        cosine: what was compared, such as "cosine to float32 over 48 texts".
        where: said before it.

    """
    if least is None or least < wanted.least:
        return at_least(or_nan(least), wanted.least, f"{where}least {cosine}")
    return at_least(or_nan(mean), wanted.mean, f"{where}mean {cosine}, least {least:.4f}")


def length_cosine(name: str) -> float:
    """Return the least cosine of one text through two lengths of a quantization."""
    return LEAST_LENGTH_COSINE_FLOAT if quantization(name).types == {"float32"} else LEAST_LENGTH_COSINE


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value
