"""What `check` says of a small transformer's settings before anything is trained."""

from pathlib import Path

import pytest
from pocketrag.training.check_student_settings import megabytes, remarks

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import Embedder
from pocketrag.recipe.recipe import Recipe, Trim
from pocketrag.recipe.students import LayersStudent, ModelStudent

#: EmbeddingGemma's.
SHAPE = {"vocab_size": 262_144, "hidden_size": 768}
GEMMA = Embedder(Path(), SHAPE, "mean", (), 2048, {}, frozenset())


@pytest.mark.parametrize(
    ("student", "said"),
    [
        (LayersStudent(), []),
        (LayersStudent(evaluations=3), ["d can't stop early (patience 3 of 3 evaluations"]),
        (ModelStudent(start="a/b", licence="mit"), []),
        (ModelStudent(start="a/b"), ["the licence of d's start is not stated (`students.d.licence`)"]),
    ],
)
def test_what_is_probably_not_meant_is_said(student, said):
    found = list(remarks("d", student))
    assert len(found) == len(said) and all(
        one.startswith(part) for one, part in zip(found, said, strict=True)
    )


@pytest.mark.parametrize("rate", [0.9, 0.011])
def test_a_rate_that_trains_nothing_is_refused_by_its_key(rate):
    with pytest.raises(InputError, match=r"`students\.d\.learning_rate` = "):
        list(remarks("d", LayersStudent(learning_rate=rate)))


@pytest.mark.parametrize(("stored", "measured"), [("balanced", 44), ("t4b32-a8-f8-h32", 33)])
def test_the_size_is_near_what_was_measured(stored, measured):
    # recipes/arbiter_fr_student.toml: four layers of EmbeddingGemma beside a static student, 30 720 tokens kept.
    recipe = Recipe.model_construct(trim=Trim(tokens=30_720))
    found = megabytes(recipe, LayersStudent(quantization=stored), 107e6 * 4 / 24, GEMMA)
    assert found == pytest.approx(measured, rel=0.12)
