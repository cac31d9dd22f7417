"""A static student learns what its teacher does, reproducibly, and a token that it never saw counts for nothing."""

from pathlib import Path

import numpy as np
import torch
from pocketrag.training.students.fit_static import fit
from pocketrag.training.students.lesson import Lesson

from pocketrag.formats.prompts import Prompts
from pocketrag.recipe.students import StaticStudent as Settings
from pocketrag.reference.static_student import StaticStudent, encode, load, rows_of, save
from pocketrag.reference.student_tokens import StudentTokens

SETTINGS = Settings(rank=16, hidden=32, steps=150, batch_size=32, learning_rate=1e-2)
TOKENS = StudentTokens(60, frozenset({0}), Prompts(), lambda text: [], 32)


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def world(seed=0):
    # A teacher that is a sum of token vectors, and 200 texts of tokens 1 to 49.
    chance = np.random.default_rng(seed)
    table = chance.normal(size=(60, 24))
    texts = [chance.integers(1, 50, chance.integers(2, 9)).tolist() for _ in range(300)]
    vectors = unit(np.array([table[ids].sum(0) for ids in texts]))
    return texts, vectors, unit(chance.normal(size=(120, 24)))


def learned(**more):
    texts, vectors, passages = world()
    settings = SETTINGS.model_copy(update=more)
    lesson = Lesson(texts[:250], vectors[:250], passages, TOKENS, Path("no", "model"), settings)
    student = StaticStudent(rows_of(range(1, 50), 60), settings.rank, settings.hidden, 24)
    fit(student, lesson)
    return student.eval(), texts, vectors


def test_it_lands_near_its_teacher_on_texts_that_it_has_not_seen():
    student, texts, vectors = learned()
    untrained = learned(steps=1)[0]
    mean = [(encode(one, texts[250:]) * vectors[250:]).sum(1).mean() for one in (untrained, student)]
    assert mean[0] < 0.3 and mean[1] > 0.8, mean


def test_the_same_seed_gives_the_same_student():
    one, two = (learned(steps=20)[0] for _ in range(2))
    assert all(
        torch.equal(left, right) for left, right in zip(one.parameters(), two.parameters(), strict=True)
    )


def test_what_was_never_seen_and_padding_count_for_nothing():
    student, texts, _ = learned(steps=20)
    found = encode(student, [texts[0], [*texts[0], 55, 0, 0], [55], []])
    assert np.array_equal(found[0], found[1])
    assert not found[2:].any(), "zeros, not NaN: the next encoder is asked"
    assert np.isfinite(found).all() and abs(np.linalg.norm(found[0]) - 1) < 1e-5


def test_without_the_layer_it_is_a_linear_map():
    student, _, _ = learned(hidden=0, steps=20)
    vectors = encode(student, [[1, 2], [1, 2, 1, 2]])
    assert np.allclose(vectors[0], vectors[1], atol=1e-5), "twice the same sum points the same way"


def test_it_is_saved_whole(tmp_path):
    student, texts, _ = learned(steps=5)
    save(student, tmp_path / "student.safetensors")
    assert np.array_equal(encode(load(tmp_path / "student.safetensors"), texts), encode(student, texts))
