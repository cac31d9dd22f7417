"""A static student beside layers: the mean of both, at the share that is best."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pocketrag.training.students import fit_static
from pocketrag.training.students import held_score as module
from pocketrag.training.students.by_kind import TRAINERS
from pocketrag.training.students.fit_network import divided
from pocketrag.training.students.held_score import SHARES, Held, HeldScore
from pocketrag.training.students.static_beside import static_beside

from pocketrag.formats.layout import STUDENT
from pocketrag.recipe.students import LayersStudent
from pocketrag.reference import static_student
from pocketrag.reference.int8_rows import quantize_rows
from pocketrag.reference.network_student import mean_of
from pocketrag.reference.student_kinds import KINDS
from tests.training.students.conftest import TEXTS

SETTINGS = LayersStudent(
    layers=(1,), lengths=(16, 32), steps=20, batch_size=16, learning_rate=2e-3, evaluations=2
)


@pytest.fixture
def material(material_for):
    return material_for(SETTINGS)


def test_the_mean_is_no_worse_than_the_layers_alone(material, tmp_path):
    done = TRAINERS["layers"](material)
    facts, student = done.training, done.student
    assert facts.static_share == student.beside.share and facts.static_share in SHARES
    held = Held(
        [material.tokens.prompts.ask(text) for text in material.held], material.held_taught, "overlap"
    )
    alone = HeldScore(held, material.passages)(student.model)["held_score"]
    assert facts.after >= alone - 1e-6
    kind, rows = KINDS["layers"], [done.tokens.whole(text) for text in TEXTS[:5]]
    kind.save(student, tmp_path)
    again = kind.load(tmp_path)
    assert np.array_equal(kind.encode(again, rows), kind.encode(student, rows))
    assert again.beside.share == student.beside.share
    both = mean_of(
        static_student.encode(student.beside.student, rows),
        KINDS["layers"].encode(type(student)(student.model, student.folder), rows),
        facts.static_share,
    )
    assert kind.encode(student, rows) == pytest.approx(both, abs=1e-6)


def test_it_sees_nothing_that_chooses(material, monkeypatch):
    """Without unjudged questions some texts are held back: from it, too."""
    lessons = []
    train = fit_static.train
    monkeypatch.setattr(fit_static, "train", lambda lesson: lessons.append(lesson) or train(lesson))
    for held in (material.held, []):
        one = replace(material, held=held, checkpoints=material.checkpoints / str(len(held)))
        one.checkpoints.mkdir(parents=True)
        static_beside(one)
        rows, chosen = divided(one, SETTINGS.seed)
        assert lessons[-1].texts == [one.ids[n] for n in rows] and len(lessons[-1].taught) == len(rows)
        asked = {one.tokens.prompts.ask(one.texts[n]) for n in rows}
        assert held or asked.isdisjoint(chosen.texts)


def test_a_damaged_one_of_an_interrupted_run_is_made_again(material):
    first = static_beside(material)
    (material.checkpoints / STUDENT).write_bytes(b"no tensors")
    assert torch.equal(static_beside(material).table, first.table)


def test_its_table_is_what_ships(material):
    """Rounding it again changes nothing."""
    table = static_beside(material).table.detach().numpy()
    levels, scales = quantize_rows(table)
    assert levels.astype(np.float32) * scales == pytest.approx(table, rel=1e-6)


def test_an_interrupted_run_makes_it_once(material, monkeypatch):
    first = static_beside(material)
    monkeypatch.setattr(fit_static, "train", lambda lesson: pytest.fail("made twice"))
    again = static_beside(material)
    written, read = first.state_dict(), again.state_dict()
    assert set(written) == set(read) and all(torch.equal(written[name], read[name]) for name in read)


def test_the_share_is_the_one_that_scores_best(material, monkeypatch):
    """Two halves of noise that cancel: their mean is the teacher."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=material.held_taught.shape).astype(np.float32)
    one, other = material.held_taught + noise, material.held_taught - noise
    monkeypatch.setattr(module.float_model, "encode", lambda *given, **more: unit(other))
    score = HeldScore(
        Held(list(material.held), material.held_taught, "overlap"), material.passages, unit(one)
    )
    found = score(None)["held_score"]
    assert (
        score.share in {0.4, 0.5, 0.6} and found > max(score.score(unit(one)), score.score(unit(other))) + 0.2
    )


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_where_nothing_counts_the_layers_remain():
    network = np.eye(3, dtype=np.float32)
    static = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 0]], np.float32)
    found = mean_of(static, network, 0.9)
    assert np.array_equal(found[:2], network[:2]) and found[2, 1] > found[2, 2] > 0
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)


def test_without_it_nothing_is_beside(material_for):
    done = TRAINERS["layers"](material_for(SETTINGS.model_copy(update={"static": False, "steps": 2})))
    assert done.student.beside is None and done.training.static_share is None
