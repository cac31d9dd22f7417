"""What `check` says of a small transformer's settings: what can't be meant, and how large it will be."""

from __future__ import annotations

from collections.abc import Iterator

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.students import LayersStudent, ModelStudent, NetworkStudent, StaticStudent

#: A hundred times the default, which is what layers of EmbeddingGemma learned best with (docs/students.md):
#: far above every rate that a transformer is trained with.
HIGHEST_RATE = 1e-2


def remarks(name: str, student: NetworkStudent) -> Iterator[str]:
    """Say what is probably not meant.

    Raises:
        InputError: a learning rate that trains nothing.

    """
    key = f"students.{name}"
    if student.learning_rate > HIGHEST_RATE:
        raise InputError(
            f"`{key}.learning_rate` = {student.learning_rate:g}: no more than {HIGHEST_RATE:g} trains "
            "a transformer; 1e-5 to 1e-3 are usual."
        )
    if student.patience >= student.evaluations:
        tries = f"patience {student.patience} of {student.evaluations} evaluations"
        yield f"{name} can't stop early ({tries}; raise `{key}.evaluations`)"
    if isinstance(student, ModelStudent) and not student.licence:
        yield f"the licence of {name}'s start is not stated (`{key}.licence`): no release without"


def megabytes(recipe: Recipe, student: NetworkStudent, weights: float, start: Embedder) -> float:
    """Estimate the file of a student: its layers, its table and a static student beside it, in megabytes.

    Args:
        recipe: says how many tokens are kept, and how matrices are stored.
        student: its settings.
        weights: those outside its table.
        start: the embedder whose table it takes.

    """
    stored = quantization(student.quantization or recipe.export.quantization)
    tokens = int(start.config["vocab_size"])
    if isinstance(student, LayersStudent) and recipe.trim:
        tokens = min(tokens, recipe.trim.tokens)
    table = tokens * int(start.config["hidden_size"]) * stored.store("table").bits
    layers = weights * max(stored.store("attention").bits, stored.store("feed_forward").bits)
    return ((table + layers) / 8 + _static_beside(student)) / 1e6


def _static_beside(student: NetworkStudent) -> int:
    # Of a static student's usual settings, a byte a number.
    usual = StaticStudent()
    return usual.tokens * usual.rank if isinstance(student, LayersStudent) and student.static else 0
