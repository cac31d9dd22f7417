"""Quantization recipes as data: how each kind of matrix is stored, by `[export] quantization`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pocketrag.errors import InputError

#: Letter of a code -> kind of matrix -> the encoder's modules of that kind.
KINDS = {
    "t": ("table", ("table",)),
    "a": ("attention", ("qkv", "output")),
    "f": ("feed_forward", ("gate", "up", "down", "ple_gate", "ple_output")),
    "h": ("head", ("projection", "ple")),
}
ALGORITHMS = {"": "minmax", "o": "octav", "g": "gptq"}
_PART = re.compile(r"(?P<kind>[tafh])(?P<bits>32|8|4)(b(?P<block>32|64|128))?(?P<algorithm>[og]?)")
GRAMMAR = (
    "a code is four parts joined by '-', for table (t), attention (a), feed-forward (f) and head (h): "
    "bits (32, 8 or 4), "
    "b and a block size (32, 64, 128; without it one scale a row), o for OCTAV or g for GPTQ; then maybe "
    "+N, the percentage of layer weights kept in int8, most sensitive first. Example: t8-a4b32g-f4b32g-h8+25"
)


@dataclass(frozen=True)
class Store:
    """How the matrices of one kind are stored.

    Activations stay float32 and are quantized on the fly (dynamic range).
    """

    bits: int
    block: int = 0
    """Weights that share a scale, along a row; 0 is the whole row."""
    algorithm: str = "minmax"
    """Which scales and levels: "minmax", "octav", or "gptq" (calibrated on the recipe's own texts)."""


@dataclass(frozen=True)
class Quantization:
    """One way to store a model."""

    name: str
    kinds: tuple[tuple[str, Store], ...]
    kept: int = 0
    """Percentage of the weights of 4-bit layers that are kept in int8, where quantization hurts most."""

    def store(self, kind: str) -> Store:
        """Return how a kind is stored."""
        return dict(self.kinds)[kind]

    @property
    def types(self) -> set[str]:
        """The types that its matrices may be stored in: "int8", "int4", "float32"."""
        return {_type(store.bits) for _, store in self.kinds} | ({"int8"} if self.kept else set())

    @property
    def layer_types(self) -> set[str]:
        """Those of attention and feed-forward, which every model has (a head, not every one)."""
        return {_type(self.store(kind).bits) for kind in ("attention", "feed_forward")}

    @property
    def calibrated(self) -> bool:
        """Whether texts are needed to choose the levels."""
        return self.has_levels or self.kept > 0

    @property
    def has_levels(self) -> bool:
        """Whether levels are chosen by GPTQ."""
        return any(store.algorithm == "gptq" for _, store in self.kinds)


#: Name -> code; docs/quantization.md has what each costs EmbeddingGemma in bytes, cosine, overlap and
#: nDCG@10.
NAMES = {
    "float32": "t32-a32-f32-h32",
    "int8": "t8-a8-f8-h8",
    "balanced": "t8-a8-f8-h8",
    "small": "t8-a4b32g-f4b32g-h8+20",
    "int4": "t8-a4b32-f4b32-h8",
    # One scale a row: what KleidiAI's and SME2's int4 kernels take, which know no blocks.
    "int4_channelwise": "t8-a4g-f4g-h8",
}


def quantization(name: str) -> Quantization:
    """Return the quantization of a name of the table or of a code.

    Raises:
        InputError: it is neither.

    """
    if name in ("fp16", "float16"):
        raise InputError(
            f"quantization {name!r} is not offered: EmbeddingGemma's activations overflow it. int8 is "
            "smaller and right."
        )
    code, plus, kept = NAMES.get(name, name).partition("+")
    parts = [_PART.fullmatch(part) for part in code.split("-")]
    if [part and part["kind"] for part in parts] != list(KINDS) or not re.fullmatch(
        "[1-9][0-9]?" if plus else "", kept
    ):
        raise InputError(f"quantization {name!r}: known are {', '.join(NAMES)}; or a code: {GRAMMAR}.")
    found = Quantization(
        name, tuple((KINDS[part["kind"]][0], _store(part)) for part in parts if part), int(kept or 0)
    )
    if idle := _idle(found):
        raise InputError(f"quantization {name!r}: {idle}.")
    return found


def with_float_head(chosen: Quantization) -> Quantization:
    """Return the quantization with the head in float32.

    A student's head is a map that was fitted: it draws what it needs from small parts of the pooled vector,
    beside one large part that all texts share, and rounding that vector to int8 drowns them. The first four
    layers of EmbeddingGemma have a mean cosine to their float32 twin of .87 with the head in int8, and of
    .9999 with it in float32 (docs/question-encoders.md).
    """
    return quantization(re.sub(r"-h[^+]*", "-h32", NAMES.get(chosen.name, chosen.name)))


def kind_of(module: str) -> str:
    """Return the kind of one of the encoder's modules by its dotted name ("transformer.layers.0.qkv")."""
    leaf = module.rsplit(".", 1)[-1]
    return next(kind for kind, leaves in KINDS.values() if leaf in leaves)


def _type(bits: int) -> str:
    return "float32" if bits == 32 else f"int{bits}"


def _idle(found: Quantization) -> str:
    # What would silently do nothing is refused.
    stores = dict(found.kinds)
    if any(store.bits == 32 and (store.block or store.algorithm != "minmax") for store in stores.values()):
        return "32 bits are not quantized, so b, o and g say nothing there"
    if "gptq" in (stores["table"].algorithm, stores["head"].algorithm):
        return "g calibrates attention (a) and feed-forward (f) only"
    if found.kept and 4 not in (stores["attention"].bits, stores["feed_forward"].bits):
        return "+N keeps layer matrices in int8, but none are in 4 bits"
    return ""


def _store(part: re.Match[str]) -> Store:
    return Store(int(part["bits"]), int(part["block"] or 0), ALGORITHMS[part["algorithm"]])
