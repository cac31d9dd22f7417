"""The ridge that a static student starts from: it finds what a teacher adds up, and rare tokens keep their teacher's vectors."""

import numpy as np
import pytest
from pocketrag.training.students.ridge import PENALTY, fitted_rows
from pocketrag.training.students.token_table import TokenTable

TOKENS = 40


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def world():
    """A teacher that adds up vectors of tokens, 300 texts of the tokens 1 to 40, and the teacher's vectors of them."""
    chance = np.random.default_rng(0)
    own = chance.normal(size=(TOKENS, 16)).astype(np.float32)
    texts = [(1 + chance.integers(0, TOKENS, chance.integers(2, 9))).tolist() for _ in range(300)]
    return own, texts, unit(np.array([own[np.array(ids) - 1].sum(0) for ids in texts]))


def table(vectors, probabilities=None):
    even = np.full(TOKENS, 1 / TOKENS)
    return TokenTable(
        range(1, TOKENS + 1), vectors, even if probabilities is None else probabilities, TOKENS + 5
    )


def cosines(rows, texts, taught):
    return (unit(np.array([rows[np.array(ids) - 1].sum(0) for ids in texts])) * taught).sum(1)


def test_sums_of_its_rows_point_where_the_teachers_vectors_do(world):
    own, texts, taught = world
    nothing = np.zeros_like(own)
    rows = fitted_rows(table(nothing), texts[:250], taught[:250])
    assert rows.dtype == np.float32 and cosines(rows, texts[250:], taught[250:]).mean() > 0.9


def test_what_the_texts_lack_keeps_the_teachers_own_vector(world):
    own, texts, taught = world
    few = [n for n, ids in enumerate(texts) if not {1, 2} & set(ids)][:200]
    rows = fitted_rows(table(own - own.mean(0)), [texts[n] for n in few], taught[few])
    alone = unit(rows[:2] - taught[few].mean(0) * rows[:2].mean()) * unit(own[:2] - own.mean(0))
    assert alone.sum(1).min() > 0.9


def test_it_is_the_ridge_of_the_normal_equations(world):
    own, texts, taught = world
    rare = np.linspace(0.001, 0.05, TOKENS)
    given = table(np.zeros_like(own), rare)
    found = fitted_rows(given, texts, taught) / given.weights[:, None] - taught.mean(0)
    bags = np.zeros((len(texts), TOKENS))
    for row, ids in enumerate(texts):
        np.add.at(bags[row], np.array(ids) - 1, given.weights[np.array(ids) - 1])
    bags /= bags.sum(1, keepdims=True)
    exact = np.linalg.solve(bags.T @ bags + PENALTY * np.eye(TOKENS), bags.T @ (taught - taught.mean(0)))
    assert np.abs(found - exact).max() < 0.02 * np.abs(exact).max()


def test_a_text_without_a_known_token_changes_nothing(world):
    own, texts, taught = world
    before = fitted_rows(table(own), texts, taught)
    after = fitted_rows(table(own), [*texts, [44], []], np.concatenate([taught, -taught[:1], taught[:1]]))
    assert cosines(after, texts, taught).mean() == pytest.approx(
        cosines(before, texts, taught).mean(), abs=0.01
    )
