"""Quantization-aware training: the layers compute with weights rounded as `export` stores them.

Gradients pass straight through the rounding (Jacob et al., https://arxiv.org/abs/1712.05877). With LoRA the
sum of base and adapter is rounded, since that is what is merged, converted and stored; LoRA's dropout has no
place in it. The table and the head are left as they are: int8 costs them nothing. Which matrices a `+N` keeps
in int8 is chosen after training; here none is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pocketrag.errors import InputError
from pocketrag.recipe.quantization import Quantization, Store
from pocketrag.reference.float_model import nearest

from .adapters import targets

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor


def round_weights(model: SentenceTransformer, quantization: Quantization) -> int:
    """Make every tuned projection compute with rounded weights from now on; return how many do.

    Args:
        model: with gradients where it is tuned; its weights stay float32 and are saved as such.
        quantization: the recipe's; its algorithm plays no part, scales are those of the largest weight.

    Raises:
        InputError: the quantization keeps the layers in float32, so there is nothing to be aware of.

    """
    inner: Any = model[0]
    kinds = {name: kind for kind, names in targets(inner.model.config.model_type).items() for name in names}
    rounded = 0
    for path, module in inner.model.named_modules():
        kind = next((kind for name, kind in kinds.items() if path.endswith(f".{name}")), None)
        if kind and quantization.store(kind).bits < 32:
            module.forward = _rounded(module, quantization.store(kind))
            rounded += 1
    if not rounded:
        raise InputError(
            f"`train.quantization_aware`: {quantization.name!r} stores the layers in float32, so there is "
            "nothing to be aware of."
        )
    return rounded


def exact(model: SentenceTransformer) -> None:
    """Let every projection compute with its own weights again."""
    inner: Any = model[0]
    for module in inner.model.modules():
        module.__dict__.pop("forward", None)


def _rounded(module: Any, store: Store) -> Callable[..., Tensor]:  # noqa: ANN401 - a linear layer of torch or peft
    from torch.nn.functional import linear

    def forward(x: Tensor, *_: object, **__: object) -> Tensor:
        base = getattr(module, "base_layer", module)
        weight = base.weight
        if base is not module:
            weight = weight + sum(module.get_delta_weight(adapter) for adapter in module.active_adapters)
        return linear(x, _as_stored(weight, store), base.bias)

    return forward


def _as_stored(weight: Tensor, store: Store) -> Tensor:
    # The value is the rounded one, the gradient that of `weight`.
    return weight + (nearest(weight.detach(), store) - weight).detach()
