"""Latencies that others measured on phones and published.

What a prediction is calibrated on, and what it is checked with.

All on the CPU with XNNPACK and 4 threads. Figures of GPUs and NPUs, of other runtimes, of CPUs with SME2
(Arm's int8 bge-base on a vivo X300) or without the sequence length (Gemma 3 270M on the Galaxy A series) are
left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from .architecture import EMBEDDINGGEMMA, Architecture, cost_of
from .cost import Cost
from .devices import DEVICES, Device

#: Published without its architecture: 110 M parameters and a vocabulary of 32 k (its tokenizer has 794 kB)
#: leave 85 M, which are 12 layers of 768 and 3072, as of BERT-base or T5-base; both have the same products.
GECKO = Architecture(12, 768, 12, 12, 64, 3072)
QWEN_HALF = Architecture(24, 896, 14, 2, 64, 4864, gated=True)  # config.json of Qwen/Qwen2.5-0.5B-Instruct
GEMMA2_2B = Architecture(26, 2304, 8, 4, 256, 9216, gated=True)  # config.json of google/gemma-2-2b-it
#: The decoders' cards give tokens a second; their time to the first token means some 500 tokens, and
#: attention runs over the whole cache of 1280.
PREFILL, CACHE = 512, 1280


@dataclass(frozen=True)
class Point:
    """One published time."""

    device: Device
    model: str
    architecture: Architecture
    length: int
    ms: float
    source: str
    context: int | None = None
    bits: int = 8

    @property
    def cost(self) -> Cost:
        """What that run costs by its architecture."""
        return cost_of(self.architecture, self.length, self.context, self.bits)


def device(name: str, soc: str) -> Device:
    """Return the row of that phone."""
    return next(one for one in DEVICES if (one.name, one.soc) == (name, soc))


S25U = device("Galaxy S25 Ultra", "Snapdragon 8 Elite")
S24U = device("Galaxy S24", "Snapdragon 8 Gen 3")  # the Ultra has this SoC everywhere
S23U = device("Galaxy S23", "Snapdragon 8 Gen 2")  # the Ultra has the same
_EMBEDDINGGEMMA = "model card litert-community/embeddinggemma-300m, mixed precision, CPU"
_GECKO = "model card litert-community/Gecko-110m-en, dynamic_int8, CPU, Galaxy S23 Ultra"

#: Fitted: static lengths, a file each.
POINTS = (
    Point(S25U, "EmbeddingGemma", EMBEDDINGGEMMA, 256, 66, _EMBEDDINGGEMMA),
    Point(S25U, "EmbeddingGemma", EMBEDDINGGEMMA, 512, 169, _EMBEDDINGGEMMA),
    Point(S25U, "EmbeddingGemma", EMBEDDINGGEMMA, 1024, 549, _EMBEDDINGGEMMA),
    Point(S25U, "EmbeddingGemma", EMBEDDINGGEMMA, 2048, 2455, _EMBEDDINGGEMMA),
    Point(S23U, "Gecko 110M", GECKO, 256, 147.6, _GECKO),
    Point(S23U, "Gecko 110M", GECKO, 512, 353.1, _GECKO),
    Point(S23U, "Gecko 110M", GECKO, 1024, 954, _GECKO),
)

#: Never fitted: a third SoC and other models. Decoders that fill a cache do more than an encoder, so these
#: are rough.
CHECKS = (
    Point(S24U, "Qwen2.5 0.5B, prefill", QWEN_HALF, PREFILL, 1000 * PREFILL / 250.73,
          "model card litert-community/Qwen2.5-0.5B-Instruct, dynamic_int8, CPU, Galaxy S24 Ultra", CACHE),
    Point(S24U, "Qwen2.5 0.5B, prefill, float32", QWEN_HALF, PREFILL, 1000 * PREFILL / 90.30,
          "model card litert-community/Qwen2.5-0.5B-Instruct, fp32, CPU, Galaxy S24 Ultra", CACHE, 32),
    Point(S24U, "Gemma 2 2B, prefill", GEMMA2_2B, PREFILL, 1000 * PREFILL / 134.03,
          "model card litert-community/Gemma2-2B-IT, dynamic_int8, CPU, Galaxy S24 Ultra", CACHE),
)  # fmt: skip
