"""Which of the full model's layers a student has; without torch, since `check` asks too."""

from __future__ import annotations

from collections.abc import Sequence

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder
from pocketrag.formats.embedder.families import CAPABILITIES
from pocketrag.recipe.students import LayersStudent


def chosen_layers(full: Embedder, layers: int | Sequence[int], key: str) -> tuple[int, ...]:
    """Return the numbers of the layers that a student has, counted from 0.

    Args:
        full: the full model.
        layers: which, rising; a number n is the first n.
        key: the recipe's, for messages.

    Raises:
        InputError: the full model has no such layers, or its family is not known here.

    """
    known = ", ".join(name for name, family in CAPABILITIES.items() if family.taken != "none")
    if full.family not in CAPABILITIES or CAPABILITIES[full.family].taken == "none":
        raise InputError(f"`{key}`: layers are taken from {known}, and the base is a {full.family}.")
    there = int(full.settings["num_hidden_layers"])
    chosen = range(layers) if isinstance(layers, int) else layers
    if chosen[-1] >= there:
        raise InputError(f"`{key}`: the base has {there} layers, 0 to {there - 1}; {layers} is beyond them.")
    if chosen[0] and CAPABILITIES[full.family].taken == "with the first":
        raise InputError(
            f"`{key}`: begins with layer {chosen[0]}; the first layer of a {full.family} has no norm before "
            "attention, so that 0 must be among them."
        )
    return tuple(chosen)


def need_layers(name: str, student: LayersStudent, full: Embedder) -> tuple[int, ...]:
    """Return the numbers of a student's layers; before its teacher takes its time.

    Raises:
        InputError: as `chosen_layers` does, or the full model takes fewer tokens than the longest length.

    """
    key, longest = f"students.{name}", student.lengths[-1]
    if longest > full.max_tokens:
        raise InputError(
            f"`{key}.lengths`: {longest} is more than the {full.max_tokens} tokens that the base takes."
        )
    return chosen_layers(full, student.layers, f"{key}.layers")
