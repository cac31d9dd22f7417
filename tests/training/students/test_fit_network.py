"""Training a small transformer: what it gains, what it goes on from, and what ends it."""

import dataclasses
import shutil

import numpy as np
import pytest
import torch
from pocketrag.training.students import fit_network as module
from pocketrag.training.students.by_kind import TRAINERS
from pocketrag.training.students.by_length import TOGETHER, ByLength
from pocketrag.training.students.distill_loss import PASSAGES, DistillLoss, loss_of
from pocketrag.training.students.fit_network import fit_network
from pocketrag.training.students.held_score import Held, HeldScore, alike
from pocketrag.training.students.start_of_layers import start_of_layers

from pocketrag.errors import InputError
from pocketrag.recipe.students import LayersStudent
from pocketrag.reference import float_model
from pocketrag.reference.student_kinds import KINDS
from tests.training.students.conftest import TEXTS

SETTINGS = LayersStudent(
    layers=(1,), lengths=(16, 32), steps=40, batch_size=16, learning_rate=2e-3, evaluations=4
)


@pytest.fixture
def material(material_for):
    return material_for(SETTINGS)


def trained(material, **changed):
    """From bare layers, whose vectors lie elsewhere than the teacher's."""
    settings = material.settings.model_copy(update=changed)
    start = material.checkpoints / "start"
    shutil.rmtree(start, ignore_errors=True)
    layers = start_of_layers(material.embedder, settings.layers, start, "students.deep.layers")
    return fit_network(dataclasses.replace(material, settings=settings), settings, start, layers)


def weights(student):
    return {name: tensor.clone() for name, tensor in student.model.state_dict().items()}


def test_it_comes_nearer_to_its_teacher_and_the_table_stays(material, tiny_bert, tmp_path):
    done = trained(material)
    facts = done.training
    assert facts.by == "overlap" and facts.n == 40 and facts.layers == (1,) and facts.steps == 40
    assert facts.after > facts.before + 0.1 and facts.kept_step in {10, 20, 30, 40} and facts.stopped is None
    assert facts.history[0].step == 0 and facts.history[0].score == facts.before
    assert max(row.score for row in facts.history if row.score is not None) == pytest.approx(
        facts.after, abs=1e-5
    )
    table = float_model.load_float(tiny_bert)[0].model.get_input_embeddings().weight
    assert torch.equal(done.student.model[0].model.get_input_embeddings().weight, table)
    assert facts.weights == sum(p.numel() for p in done.student.model.parameters()) - table.numel()
    kind = KINDS["layers"]
    kind.save(done.student, tmp_path)
    rows = [done.tokens.whole(text) for text in TEXTS[:5]]
    found = kind.encode(kind.load(tmp_path), rows)
    assert np.array_equal(found, kind.encode(done.student, rows))
    assert found == pytest.approx(float_model.encode(done.student.model, TEXTS[:5]), abs=1e-5)


def test_what_leaves_training_in_bfloat16_is_float32(material, monkeypatch, tmp_path):
    """The loss is taken in float32 all the same, and accelerate's autocast is off at the end."""
    monkeypatch.setattr("pocketrag.training.model.arguments.bf16", lambda: True)
    done = trained(material)
    assert done.training.precision == "bfloat16" and done.training.after > done.training.before + 0.1
    KINDS["layers"].save(done.student, tmp_path)
    rows = [done.tokens.whole(text) for text in TEXTS[:5]]
    found = KINDS["layers"].encode(KINDS["layers"].load(tmp_path), rows)
    assert np.array_equal(found, KINDS["layers"].encode(done.student, rows))


def test_without_unjudged_questions_some_texts_choose(material):
    done = trained(dataclasses.replace(material, held=[], held_taught=material.held_taught[:0]))
    assert done.training.by == "cosine" and done.training.n == module.FEWEST
    assert done.training.after > done.training.before


def interrupted(material, monkeypatch, at, **changed):
    """Train until the score number `at` is taken."""
    seen, score = [], HeldScore.__call__

    def stopping(self, *args, **kwargs):
        seen.append(1)
        if len(seen) == at:
            raise KeyboardInterrupt
        return score(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(HeldScore, "__call__", stopping)
        with pytest.raises(KeyboardInterrupt):
            trained(material, **changed)


@pytest.mark.parametrize("passages", [PASSAGES, 20])
def test_an_interrupted_training_comes_to_the_same_end(material, monkeypatch, tmp_path, passages):
    """In another epoch than it was interrupted in, with passages that are drawn, and with BERT's dropout."""
    monkeypatch.setattr("pocketrag.training.students.distill_loss.PASSAGES", passages)
    apart = dataclasses.replace(material, checkpoints=tmp_path / "apart")
    apart.checkpoints.mkdir()
    whole = trained(apart)
    interrupted(material, monkeypatch, at=4)  # before training, at 10, at 20: at 30 it ends
    assert sorted(p.name for p in material.checkpoints.glob("checkpoint-*")) == [
        "checkpoint-10",
        "checkpoint-20",
    ]
    again = trained(material)
    assert again.training.went_on_from == "checkpoint-20"
    left, right = weights(whole.student), weights(again.student)
    assert all(torch.allclose(left[name], right[name], atol=1e-6) for name in left)
    without = {"went_on_from"}
    assert again.training.model_dump(exclude=without) == whole.training.model_dump(exclude=without)


@pytest.mark.parametrize(
    "changed", [{"steps": 25}, {"steps": 80, "evaluations": 8, "patience": 1, "learning_rate": 2e-2}]
)
def test_what_is_interrupted_after_its_last_step_trains_no_more(material, monkeypatch, tmp_path, changed):
    """At the last step in the middle of an epoch, and where early stopping ended it."""
    apart = dataclasses.replace(material, checkpoints=tmp_path / "apart")
    apart.checkpoints.mkdir()
    whole = trained(apart, **changed)
    with monkeypatch.context() as patch:
        patch.setattr(module, "_kept", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            trained(material, **changed)
    again = trained(material, **changed)
    assert again.training.went_on_from == f"checkpoint-{whole.training.steps}"
    left, right = weights(whole.student), weights(again.student)
    assert all(torch.equal(left[name], right[name]) for name in left)
    without = {"went_on_from"}
    assert again.training.model_dump(exclude=without) == whole.training.model_dump(exclude=without)


def test_numbers_that_are_none_end_it(material, monkeypatch):
    real = loss_of
    count = []

    def broken(*given):
        count.append(1)
        return real(*given) * (float("nan") if len(count) > 25 else 1)

    monkeypatch.setattr("pocketrag.training.students.distill_loss.loss_of", broken)
    facts = trained(material).training
    assert facts.stopped == "not finite" and facts.steps == 26 and facts.kept_step in {10, 20}
    assert facts.after > facts.before


def test_nothing_but_such_numbers_is_an_error(material, monkeypatch):
    monkeypatch.setattr(
        "pocketrag.training.students.distill_loss.loss_of", lambda vectors, *_: vectors.sum() * float("nan")
    )
    with pytest.raises(InputError, match=r"\[students\.deep\].*numbers that are none.*Lower `learning_rate`"):
        trained(material)


def test_a_collapse_ends_it(material, monkeypatch):
    """Drawn to one vector, all questions become one."""
    one = torch.ones(32) / 32**0.5
    monkeypatch.setattr(
        "pocketrag.training.students.distill_loss.loss_of", lambda vectors, *_: (1 - vectors @ one).mean()
    )
    assert alike(material.held_taught) < 0.99
    settings = SETTINGS.model_copy(update={"learning_rate": 2e-2, "steps": 80, "patience": 100})
    for _ in range(2):  # the same command again comes to the same
        with pytest.raises(InputError, match="came to be one vector"):
            TRAINERS["layers"](dataclasses.replace(material, settings=settings))


def test_what_is_no_better_than_its_start_is_the_start(material, tiny_bert):
    """Both layers are the teacher itself, from which training only leads away."""
    facts = trained(material, layers=2, learning_rate=1e-4, steps=4, evaluations=2).training
    assert facts.before == facts.after == 1 and facts.kept_step == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lengths": (16, 128)}, r"`students\.deep\.lengths`: 128 is more than the 64 tokens"),
        (
            {"lengths": (8, 16)},
            r"`students\.deep\.query`: takes .* a longer one of `students\.deep\.lengths`",
        ),
        ({"layers": 3}, r"`students\.deep\.layers`: the base has 2 layers"),
    ],
)
def test_what_can_not_be_exported_is_not_trained(material, changed, said):
    with pytest.raises(InputError, match=said):
        trained(material, **changed)


def test_batches_hold_texts_of_about_one_length():
    chance = np.random.default_rng(0)
    data = {"text": ["x" * int(length) for length in chance.integers(1, 200, 1000)]}
    sampler = ByLength(data, 8, True, seed=3)
    first, again = list(sampler), list(sampler)
    assert first == again and len(first) == len(sampler) == 125
    assert sorted(row for batch in first for row in batch) == list(range(1000))
    spreads = [np.ptp([len(data["text"][row]) for row in batch]) for batch in first]
    assert np.mean(spreads) < 3 * 200 / TOGETHER
    means = [np.mean([len(data["text"][row]) for row in batch]) for batch in first]
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.4, "short ones do not come first"
    sampler.set_epoch(1)
    assert list(sampler) != first


def test_what_is_left_over_by_whole_batches_is_another_in_each_epoch():
    data = {"text": ["x" * n for n in range(1, 40)]}
    sampler = ByLength(data, 16, True)
    seen = set()
    for epoch in range(6):
        sampler.set_epoch(epoch)
        batches = list(sampler)
        assert [len(batch) for batch in batches] == [16, 16]
        seen |= {row for batch in batches for row in batch}
    assert len(seen) == 39


def test_the_loss_is_that_of_the_static_student_and_copies_no_passages(tiny_bert, taught):
    vectors, passages = taught
    model = float_model.load_float(tiny_bert).eval()
    loss = DistillLoss(model, vectors, passages, 0.05)
    assert loss._some() is loss.passages and loss.passages.data_ptr() == torch.from_numpy(passages).data_ptr()
    features = model.preprocess(TEXTS[:4])
    found = loss([features], torch.tensor([0, 1, 2, 3]))
    assert found.item() == pytest.approx(0, abs=1e-4), "the teacher itself loses nothing"
    other = loss([features], torch.tensor([9, 8, 7, 6]))
    wanted = loss_of(
        *(torch.from_numpy(part) for part in (vectors[:4], vectors[[9, 8, 7, 6]], passages)), 0.05
    )
    assert other.item() == pytest.approx(wanted.item(), rel=1e-3)
    assert "passages" not in loss.state_dict()


def test_a_model_without_numbers_scores_below_all(taught):
    vectors, passages = taught
    score = HeldScore(Held(TEXTS[:4], vectors[:4], "overlap"), passages)

    class Broken:
        max_seq_length = 16

        def get_embedding_dimension(self):
            return 32

        def encode(self, texts, **_):
            return np.full((len(texts), 32), np.nan)

    assert score(Broken()) == {"held_score": -1.0, "held_alike": 1.0, "held_finite": 0.0}


def test_how_alike_vectors_are():
    chance = np.random.default_rng(1)
    vectors = chance.normal(size=(7, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [vectors[i] @ vectors[j] for i in range(7) for j in range(7) if i != j]
    assert alike(vectors) == pytest.approx(np.mean(pairs)) and alike(vectors[:1]) == 0
