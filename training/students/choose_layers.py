"""Which of the full model's layers a student has; without torch, since `check` asks too."""

from __future__ import annotations

from collections.abc import Sequence

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder

#: Family -> how its layers' weights are called.
LAYERS = {"gemma3_text": "layers", "bert": "encoder.layer"}


def chosen_layers(full: Embedder, layers: int | Sequence[int], key: str) -> tuple[int, ...]:
    """Return the numbers of the layers that a student has, counted from 0.

    Args:
        full: the full model.
        layers: which, rising; a number n is the first n.
        key: the recipe's, for messages.

    Raises:
        InputError: the full model has no such layers, or its family is not known here.

    """
    if full.family not in LAYERS:
        known = " and ".join(LAYERS)
        raise InputError(f"`{key}`: layers are taken from {known}, and the base is a {full.family}.")
    there = int(full.config["num_hidden_layers"])
    chosen = tuple(range(layers)) if isinstance(layers, int) else tuple(layers)
    if len(chosen) > there or max(chosen) >= there:
        raise InputError(f"`{key}`: the base has {there} layers, 0 to {there - 1}; {layers} is beyond them.")
    return chosen
