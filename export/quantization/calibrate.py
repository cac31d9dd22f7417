"""Walk the encoder layer by layer over real texts.

Every layer sees the inputs that the quantized layers before it give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..model.encoder import Encoder


@dataclass
class Walk:
    """One text on its way through the layers."""

    hidden: Tensor
    """What the next layer takes, float32 [L, hidden]."""
    rest: list[tuple[Tensor, ...]]
    """Each layer's other arguments (mask, rotary angles), as the whole encoder passes them."""

    def copy(self) -> Walk:
        """Return a walk of its own from the same place."""
        return replace(self)

    def step(self, place: int, layer: nn.Module) -> Tensor:
        """Return what a layer gives for this text."""
        given: Tensor = layer(self.hidden, *self.rest[place])
        return given


@torch.no_grad()
def start(encoder: Encoder, rows: list[list[int]]) -> list[Walk]:
    """Take every list of token ids to the first layer's door."""
    return [_enter(encoder, torch.tensor([row], dtype=torch.int32)) for row in rows]


def _enter(encoder: Encoder, ids: Tensor) -> Walk:
    seen: list[tuple[Any, ...]] = []
    layers = layers_of(encoder)
    hooks = [layer.register_forward_pre_hook(lambda _, arguments: seen.append(arguments)) for layer in layers]
    encoder(ids)
    for hook in hooks:
        hook.remove()
    return Walk(seen[0][0], [arguments[1:] for arguments in seen])


@torch.no_grad()
def leave(encoder: Encoder, walk: Walk) -> Tensor:
    """Return the unit vector float32 [dims] of a text that is through all layers."""
    hidden = cast(Any, encoder.transformer).tail(walk.hidden)
    return encoder.pool(hidden, torch.ones(hidden.shape[0]))[0]


@torch.no_grad()
def advance(encoder: Encoder, walks: list[Walk], place: int) -> None:
    """Take every text through one layer."""
    layer = layers_of(encoder)[place]
    for walk in walks:
        walk.hidden = walk.step(place, layer)


@torch.no_grad()
def hessians(encoder: Encoder, walks: list[Walk], place: int, names: list[str]) -> dict[str, Tensor]:
    """Return the sum of x xT over all inputs of a layer's named linear modules, float32 [in, in]."""
    layer = layers_of(encoder)[place]
    sums: dict[str, Tensor] = {}
    product: dict[str, Any] = {"of": None}

    def add(name: str) -> Callable[..., None]:
        def hook(_: nn.Module, arguments: tuple[Tensor]) -> None:
            if product["of"] is not arguments[0]:  # gate and up take the same input
                product.update(of=arguments[0], value=arguments[0].T @ arguments[0])
            sums[name] = sums.get(name, 0) + product["value"]

        return hook

    with _hooked({name: layer.get_submodule(name) for name in names}, add):
        for walk in walks:
            walk.step(place, layer)
    return sums


@contextmanager
def _hooked(modules: dict[str, nn.Module], hook: Callable[[str], Callable[..., None]]) -> Iterator[None]:
    hooks = [module.register_forward_pre_hook(hook(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()


def layers_of(encoder: Encoder) -> list[nn.Module]:
    """Return the encoder's layers, in order."""
    return list(cast(nn.ModuleList, encoder.transformer.layers))


def matrix_of(layer: nn.Module, name: str) -> nn.Linear:
    """Return a layer's linear module by its name."""
    return cast(nn.Linear, layer.get_submodule(name))
