"""A student of another model: fitted near its teacher before a step is taken; what can be no start."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pocketrag.training.students.by_kind import TRAINERS
from pocketrag.training.students.fitted_head import LEAST, RIDGE, fit_head, fitted_map

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.layout import NETWORK
from pocketrag.recipe.student_start import need_start, start_folder
from pocketrag.recipe.students import ModelStudent
from pocketrag.reference import float_model
from pocketrag.reference.student_kinds import KINDS
from tests.gemma import make_gemma
from tests.other_bert import make_other_bert
from tests.training.students.conftest import TEXTS


@pytest.fixture(scope="module")
def other(tmp_path_factory, tiny_bert):
    return make_other_bert(tmp_path_factory.mktemp("other") / "other-bert", tiny_bert)


def settings_of(start, **changed):
    given = {"lengths": (16, 32), "steps": 60, "batch_size": 16, "learning_rate": 5e-4, "evaluations": 4}
    return ModelStudent(start=str(start), **{**given, **changed})


@pytest.fixture
def material(material_for, other):
    return material_for(settings_of(other))


def test_it_starts_near_its_teacher_and_is_stored_with_its_own_tokenizer(material, other, taught, tmp_path):
    done = TRAINERS["model"](material)
    facts = done.training
    assert facts.layers is None and facts.start == "other-bert" and facts.by == "overlap"
    # Chance finds 10 of 42. These few texts the map knows already; tests/test_model_student_build.py has more.
    assert facts.after >= facts.before > 0.6
    losses = [row.loss for row in facts.history if row.loss is not None]
    assert losses[-1] < losses[0] / 1.5
    assert done.tokens.tokenize("king") != material.tokens.tokenize("king"), "its own tokenizer"
    kind = KINDS["model"]
    kind.save(done.student, tmp_path)
    rows = [done.tokens.whole(text) for text in TEXTS[:5]]
    found = kind.encode(kind.load(tmp_path), rows)
    assert found.shape == (5, 32) and np.array_equal(found, kind.encode(done.student, rows))
    assert (tmp_path / NETWORK / "tokenizer.json").read_bytes() == (other / "tokenizer.json").read_bytes()


def test_the_map_is_the_last_of_its_dense_layers(material, taught, tmp_path):
    """Its own two stay, and so does what it says of prompts and length."""
    gemma = make_gemma(tmp_path / "gemma", TEXTS[:50], 300)
    material.checkpoints.joinpath("x").mkdir()
    fit_head(material, 32, gemma, tmp_path / "start")
    own, made = read_embedder(gemma), read_embedder(tmp_path / "start")
    assert len(made.dense) == len(own.dense) + 1 and made.normalized and made.max_tokens == own.max_tokens
    found = float_model.encode(float_model.load_float(tmp_path / "start"), TEXTS[:170])
    vectors = float_model.encode(float_model.load_float(gemma, 32), TEXTS[:170])
    wanted = vectors @ fitted_map(vectors, taught[0][:170]).T
    assert found == pytest.approx(wanted / np.linalg.norm(wanted, axis=1, keepdims=True), abs=1e-4)


def test_texts_that_choose_do_not_fit(material, other, tmp_path):
    """Without unjudged questions some texts are held back, which must not know the map."""
    import dataclasses

    alone = dataclasses.replace(material, held=[], held_taught=material.held_taught[:0])
    fit_head(alone, 32, other, tmp_path / "held")
    fit_head(material, 32, other, tmp_path / "all")
    weights = [(tmp_path / name / "3_Dense/model.safetensors").read_bytes() for name in ("held", "all")]
    assert weights[0] != weights[1]


@given(
    arrays(np.float32, (12, 4), elements=st.floats(-1, 1, width=16)),
    arrays(np.float32, (12, 3), elements=st.floats(-1, 1, width=16)),
)
def test_the_map_is_the_least_of_its_loss(own, taught):
    found = fitted_map(own, taught).astype(np.float64)
    wide = own.astype(np.float64)
    penalty = max(RIDGE * ((wide - wide.mean(0)) ** 2).sum() / 4, LEAST)

    def loss(matrix):
        return ((wide @ matrix.T - taught) ** 2).sum() + penalty * (matrix**2).sum()

    chance = np.random.default_rng(0)
    for _ in range(5):
        assert loss(found) <= loss(found + chance.normal(0, 1e-2, found.shape)) + 1e-6


def copied(folder, tmp_path, file, **changed):
    made = shutil.copytree(folder, tmp_path / "changed")
    (made / file).write_text(json.dumps({**json.loads((made / file).read_text()), **changed}))
    return made


@pytest.mark.parametrize(
    ("file", "changed", "said"),
    [
        ("config.json", {"model_type": "electra"}, "the family 'electra' can't be exported"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Metaspace"}}, "runtime lacks the pre-tokenizer Metaspace"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act = 'relu' can't be exported"),
        ("sentence_bert_config.json", {"max_seq_length": 24}, "`students.deep.lengths`: 32 is more than the 24"),
    ],
)  # fmt: skip
def test_what_can_be_no_start(other, tmp_path, file, changed, said):
    folder = copied(other, tmp_path, file, **changed)
    with pytest.raises(InputError) as found:
        need_start("deep", settings_of(folder), folder)
    assert str(found.value).startswith("`students.deep.start`: ") and said in str(found.value)


def test_what_is_no_embedder_at_all(tmp_path):
    with pytest.raises(InputError, match=r"`students\.deep\.start`: .*modules\.json"):
        need_start("deep", settings_of(tmp_path), tmp_path)
    with pytest.raises(InputError, match=r"`students\.deep\.start` 'no': no such folder, and not a hub id"):
        start_folder("deep", settings_of("no"))
