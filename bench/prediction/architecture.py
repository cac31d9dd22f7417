"""The same costs from an architecture's numbers alone, for published models whose files are not at hand.

Products are exact (tests compare them with the files this project exports). The rest depends on how a graph
was written: the counts are those of this project's own graphs (export/model/bert.py and gemma3.py), a
published file's may differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cost import Cost


@dataclass(frozen=True)
class Architecture:
    """A transformer; widths in elements."""

    layers: int
    hidden: int
    heads: int
    shared: int
    """Key and value heads; as many as `heads` where none is shared."""
    size: int
    """Of one head."""
    mlp: int
    gated: bool = False
    """Gemma's and Qwen's kind: three matrices in the feed-forward, RMSNorm, rotary positions; else BERT's."""
    projection: int = 0
    """Width of a matrix [projection, hidden] behind the pooling."""

    @property
    def weights(self) -> int:
        """Weights of the layers that every token is multiplied with."""
        attention = self.hidden * self.size * (2 * self.heads + 2 * self.shared)
        return self.layers * (attention + (3 if self.gated else 2) * self.hidden * self.mlp)


EMBEDDINGGEMMA = Architecture(24, 768, 3, 1, 256, 1152, gated=True, projection=768)
MINILM = Architecture(6, 384, 12, 12, 32, 1536)


def cost_of(of: Architecture, length: int, context: int | None = None, bits: int = 8) -> Cost:
    """Return what `length` tokens cost that attend to `context` (by default to each other).

    A layer has 2 * heads * size * length * context multiply-accumulates of attention in float32 (queries by
    keys, weights by values: https://arxiv.org/abs/1706.03762, 3.2.1), mean pooling has length * hidden.
    """
    context = context or length
    integer = of.weights * length + of.projection * of.hidden
    macs = {"float32": 2 * of.layers * of.heads * of.size * length * context + length * of.hidden}
    kind = {4: "int4", 8: "int8", 32: "float32"}[bits]
    macs[kind] = macs.get(kind, 0) + integer
    scores = 2 * of.layers * of.heads * length * context  # mask and softmax
    elements = (
        length * (of.layers * _layer(of) + _outside(of)) + scores + 3 * (of.projection or of.hidden) + 2
    )
    return Cost(
        macs=macs,
        elements=elements,
        operations=of.layers * (56 if of.gated else 38) + (20 if of.gated else 25),
        weight_bytes=(of.weights + of.projection * of.hidden + of.hidden * length) * bits // 8,
        activation_bytes=8 * elements,  # read once and written once, 4 bytes
    )


def _layer(of: Architecture) -> int:
    # Elements of one token in one layer, scores left out.
    width, turned = of.heads * of.size, (of.heads + of.shared) * of.size
    residuals = 2 * of.hidden
    if not of.gated:  # two norms, the activation, four transposed and three cut blocks
        return 2 * _norm(of) + residuals + of.mlp + 7 * width
    # Queries and keys are normalised as heads of their own, turned (3 blocks of products and sums, 1 joined)
    # and cut.
    heads = 4 * turned + 2 * (of.heads + of.shared) + 4 * turned + 3 * turned + of.shared * of.size
    return 4 * _norm(of) + heads + residuals + 2 * of.mlp


def _norm(of: Architecture) -> int:
    # RMSNorm: square, mean, scale, weight. LayerNorm: two means, difference, and four steps of scale and
    # shift.
    return 4 * of.hidden + 2 if of.gated else 7 * of.hidden + 4


def _outside(of: Architecture) -> int:
    # The table's row (BERT adds the position's), one more norm, six steps of mask and pooling.
    return (1 if of.gated else 2) * of.hidden + _norm(of) + 6
