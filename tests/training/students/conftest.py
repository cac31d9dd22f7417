"""What the students of small transformers learn from here: 210 texts and 42 passages of the tiny model."""

import numpy as np
import pytest
from pocketrag.training.students.lesson import Material

from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_tokenizer import tokenizer_of
from pocketrag.formats.prompts import Prompts
from pocketrag.reference import float_model
from pocketrag.reference.student_tokens import student_tokens
from tests.conftest import ACTS, PIECES

TEXTS = [f"the {a} {act} when the {b}" for a in PIECES for act in ACTS[:5] for b in PIECES[:3]]
PASSAGE = [f"the {a} {n} {act} on the board" for n, a in enumerate(PIECES) for act in ACTS[:3]]
#: So many of the texts teach, the others choose.
TEACHING = 170


@pytest.fixture(scope="package")
def taught(tiny_bert) -> tuple[np.ndarray, np.ndarray]:
    """The tiny model's vectors of the texts and of the passages."""
    model = float_model.load_float(tiny_bert)
    return float_model.encode(model, TEXTS), float_model.encode(model, PASSAGE)


@pytest.fixture
def material_for(tmp_path, tiny_bert, taught):
    """Return what a student with some settings learns from."""
    vectors, passages = taught
    tokens = student_tokens(
        tiny_bert, tokenizer_of(read_embedder(tiny_bert)), Prompts(query="{question}"), 32
    )
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    teaching, choosing = (TEXTS[:TEACHING], vectors[:TEACHING]), (TEXTS[TEACHING:], vectors[TEACHING:])
    given = (*teaching, passages, *choosing, tokens, tiny_bert, folder)
    return lambda settings: Material("deep", *given, settings)
