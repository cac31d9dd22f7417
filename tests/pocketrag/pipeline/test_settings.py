"""What a student is made from: what decides nothing about its weights trains nothing again."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from pocketrag.pipeline.settings import value_of
from pocketrag.pipeline.stage import StageRef
from pocketrag.recipe.students import ModelStudent

START = ModelStudent(start="a/b", lengths=(16, 32))


def key_of(student):
    project = SimpleNamespace(
        recipe=SimpleNamespace(students={"small": student}),
        start_of=lambda name: Path("there"),
        fingerprint=lambda folder: "of its files",
    )
    return value_of(project, StageRef("distill", student="small"), "student", {})


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"licence": "mit"}, True),
        ({"notice": "Made from it."}, True),
        ({"start": "elsewhere", "revision": "1"}, True),
        ({"lengths": (8, 32), "quantization": "int4", "report_to": ("wandb",)}, True),
        ({"lengths": (16, 64)}, False),
        ({"steps": 3}, False),
        ({"query": "query: {question}"}, False),
    ],
)
def test_what_trains_a_student_again(changed, same):
    assert (key_of(START.model_copy(update=changed)) == key_of(START)) is same
