"""Question-side tuning on tiny models: its loss, its evaluator, and that it learns."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pocketrag.training import fix_passages
from pocketrag.training import tune as module
from pocketrag.training.model.dev_evaluator import evaluator_of, ranked_passages, score
from pocketrag.training.model.fixed import Fixed
from pocketrag.training.model.fixed_passages import SCALE, FixedPassagesLoss
from pocketrag.training.model.question_side import question_data, question_loss

from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import split_in
from pocketrag.recipe.train import Train
from pocketrag.reference import float_model
from tests.conftest import make_data, make_recipe
from tests.training.model.test_adapters import stopping
from tests.training.pairs import make_pairs
from tests.verbs import merge, mine, tune

RNG = np.random.default_rng(3)
#: Of 8 passages and, for questions 0 to 2, all their answers.
PASSAGES = (lambda rows: rows / np.linalg.norm(rows, axis=1, keepdims=True))(
    RNG.normal(size=(8, 6)).astype(np.float32)
)
ANSWERS = [[0], [1, 4], [2]]
#: Question, answer, hard negative: passage 4 answers question 1 and is a hard negative of question 0.
LABELS = torch.tensor([[0, 0, 4], [1, 1, 3], [2, 2, 3]])


def asked(**given):
    vectors = torch.nn.functional.normalize(torch.tensor(RNG.normal(size=(3, 6)), dtype=torch.float32), dim=1)
    vectors.requires_grad_(True)
    places = torch.arange(3)[:, None] + 1

    def model(features):
        return {"sentence_embedding": vectors[features["input_ids"][:, 0] - 1]}

    loss = FixedPassagesLoss(model, PASSAGES, ANSWERS, **{"widths": [6], **given})
    mask = torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 0]])
    return vectors, loss([{"input_ids": places * mask, "attention_mask": mask}], LABELS)


def by_hand(vectors, dims=6, rows=range(5)):
    """Over passages 0 to 4, of which 4 is no negative of question 1."""
    losses = []
    for n, answer in enumerate([0, 1, 2]):
        own = vectors[n, :dims] / np.linalg.norm(vectors[n, :dims])
        passages = PASSAGES[:, :dims] / np.linalg.norm(PASSAGES[:, :dims], axis=1, keepdims=True)
        others = [p for p in rows if p == answer or p not in ANSWERS[n]]
        scores = {p: np.exp(SCALE * own @ passages[p]) for p in others}
        losses.append(-np.log(scores[answer] / sum(scores.values())))
    return float(np.mean(losses))


def test_the_loss_is_that_of_its_formula_and_an_answer_is_no_negative():
    vectors, loss = asked()
    assert loss.item() == pytest.approx(by_hand(vectors.detach().numpy()), rel=1e-5)
    loss.backward()
    assert torch.isfinite(vectors.grad).all() and vectors.grad.abs().sum() > 0


def test_narrower_widths_are_added():
    vectors, loss = asked(widths=[6, 3])
    found = vectors.detach().numpy()
    assert loss.item() == pytest.approx(by_hand(found) + by_hand(found, 3), rel=1e-5)


@pytest.mark.parametrize("again", [False, True])
def test_parts_of_a_batch_give_the_whole_batch(tiny_bert, again):
    model = float_model.load_float(tiny_bert).eval()
    texts = ["what moves if king", "the clock", "who writes when the board is on the flag"]
    passages = float_model.encode(
        model, [f"the {word} waits" for word in ("king", "queen", "rook", "bye", "flag")]
    )
    found = []
    for mini in (None, 2):
        loss = FixedPassagesLoss(model, passages, ANSWERS, [32], mini, again and mini is not None)
        value = loss([model.preprocess(texts)], LABELS)
        model.zero_grad()
        value.backward()
        found.append(
            [value.item(), *(p.grad.norm().item() for p in model.parameters() if p.grad is not None)]
        )
    assert np.allclose(*found, rtol=1e-3, atol=1e-5)


def test_labels_are_rows_of_the_passages(tiny_bert):
    triplets = [
        {"anchor": "what", "question_id": "q", "positive_id": "a", "negative_ids": ["c"]},
        {"anchor": "what", "question_id": "q", "positive_id": "b", "negative_ids": ["c"]},
    ]
    fixed = Fixed(PASSAGES, {"a": 5, "b": 2, "c": 1})
    assert question_data(triplets, fixed)["label"][:] == [[0, 5, 1], [1, 2, 1]]
    qrels = {"q": {"a": 1, "b": 1, "c": 0, "elsewhere": 1}}
    loss = question_loss(float_model.load_float(tiny_bert), Train(), [32], triplets, qrels, fixed)
    assert [rows.tolist() for rows in loss.answers] == [[2, 5], [2, 5]] and not loss.again


def on_questions(recipe: Path, **changes: str) -> str:
    text = recipe.read_text().replace("[train]", '[train]\nside = "question"')
    for old, new in changes.items():
        text = text.replace(old.replace("_IS_", " = "), new)
    recipe.write_text(text)
    return str(recipe)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, tiny_bert):
    folder = make_data(tmp_path_factory.mktemp("side"), asked=6)
    text = (recipe := make_recipe(folder, tiny_bert, "lora")).read_text()
    text = text.replace("epochs = 1", "epochs = 12").replace("patience = 1", "patience = 3")
    recipe.write_text(text.replace("1e-3", "2e-3").replace("evaluations = 2", "evaluations = 4"))
    name, work = on_questions(recipe), str(folder / "work")
    return name, work, [mine(name, work=work), tune(name, work=work), merge(name, work=work)]


def test_a_tuned_model_gains_on_the_development_questions(tuned):
    _, _, (_, facts, merged) = tuned
    scores = facts["dev_ndcg@10"]
    assert facts["side"] == "question" and scores["tuned"] > scores["base"] + 0.02
    assert merged["least_cosine_to_training"] >= 0.99999


def test_the_evaluator_of_fixed_vectors_is_the_whole_one_for_the_base(tuned, tiny_bert):
    name, work, (_, facts, _) = tuned
    project = Project.read(name, work=work)
    split, model = (
        split_in(Path(work, "tiny", "split"), project.recipe.data),
        float_model.load_float(tiny_bert),
    )
    whole = score(evaluator_of(project.recipe, split, model), model, 32)
    assert facts["dev_ndcg@10"]["base"] == pytest.approx(whole, abs=1e-6)


def test_no_passage_is_embedded_when_development_is_scored(tuned, tiny_bert, monkeypatch):
    name, work, _ = tuned
    recipe = Project.read(name, work=work).recipe
    split, model = split_in(Path(work, "tiny", "split"), recipe.data), float_model.load_float(tiny_bert)
    ranked, seen = ranked_passages(recipe, split), []
    fixed = Fixed(
        RNG.normal(size=(len(ranked), 32)).astype(np.float32), {p.id: n for n, p in enumerate(ranked)}
    )
    encode = type(model).encode
    monkeypatch.setattr(
        type(model), "encode", lambda self, **given: seen.extend(given["inputs"]) or encode(self, **given)
    )
    score(evaluator_of(recipe, split, model, fixed), model, 32)
    assert sorted(seen) == sorted(q.text for q in split.dev)


def test_an_interrupted_run_goes_on(tmp_path, tiny_bert, monkeypatch):
    recipe = make_recipe(make_data(tmp_path, asked=3), tiny_bert, "lora")
    text = (
        recipe.read_text()
        .replace("evaluations = 2", "evaluations = 4")
        .replace("patience = 1", "patience = 3")
    )
    recipe.write_text(text.replace("epochs = 1", "epochs = 4"))
    name, work = on_questions(recipe), str(tmp_path / "work")
    mine(name, work=work)
    with monkeypatch.context() as patch:
        patch.setattr(module, "evaluator_of", stopping(module.evaluator_of))
        with pytest.raises(KeyboardInterrupt):
            tune(name, work=work)
    left = sorted((tmp_path / "work" / "tiny" / "tune-checkpoints").glob("checkpoint-*"))
    facts = tune(name, work=work)
    assert facts["went_on_from"] == left[-1].name and facts["steps"] > int(left[-1].name[11:])


def test_passages_of_train_corpus_are_embedded_once_by_the_base(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert)
    name, work = on_questions(recipe), str(tmp_path / "work")
    mine(name, work=work)
    project = Project.read(name, work=work)
    made = run(project, "fixed")
    rows = json.loads((made.folder / "rows.json").read_text())
    vectors = np.load(made.folder / "passages.npy")
    chunks = {
        r["_id"]: r["text"] for r in map(json.loads, (tmp_path / "chunks.jsonl").read_text().splitlines())
    }
    some = sorted(rows)[:5]
    model = float_model.load_float(tiny_bert)
    wanted = float_model.encode_each(model, [project.prompts.passage("", chunks[id_]) for id_ in some])
    assert np.array_equal(vectors[[rows[id_] for id_ in some]], wanted)
    assert made.facts.embedded == made.facts.passages > 0 == made.facts.of_reference
    (tmp_path / "tiny.toml").write_text(recipe.read_text().replace("[export]", "dev_passages = 40\n[export]"))
    again = run(Project.read(name, work=work), "fixed")
    assert again.ran and again.facts.embedded == 0 and again.facts.reused == again.facts.passages


def test_two_processes_share_their_passages(monkeypatch):
    """Rows of another process's batch are negatives of this one's questions."""
    from pocketrag.training.model import fixed_passages

    more = torch.tensor([[7, 6]])
    monkeypatch.setattr(fixed_passages, "all_gather", lambda rows: torch.cat([rows, more]))
    vectors, loss = asked()
    wanted = by_hand(vectors.detach().numpy(), rows=(0, 1, 2, 3, 4, 6, 7))
    assert loss.item() == pytest.approx(wanted, rel=1e-5)


def test_an_earlier_stage_that_embedded_nothing_is_no_source(tmp_path, monkeypatch):
    """All passages that it named ship; a `train_corpus` that comes later has others."""
    monkeypatch.setattr(float_model, "load_float", lambda folder: None)
    monkeypatch.setattr(float_model, "encode_passages", lambda model, texts, *_: np.ones((len(texts), 2)))
    job = SimpleNamespace(
        recipe=SimpleNamespace(export=SimpleNamespace(long_passages="fail")),
        project=SimpleNamespace(base=tmp_path),
        out=tmp_path,
        earlier_by=lambda processor: tmp_path / "earlier",
        checkpoints=lambda: tmp_path,
    )
    vectors, counts = fix_passages._embedded(job, ["a", "b"], "this")
    assert vectors.shape == (2, 2) and counts == {"embedded": 2, "reused": 0}
    job.earlier_by = lambda processor: tmp_path
    assert fix_passages._embedded(job, ["a", "b"], "this")[1] == {"embedded": 0, "reused": 2}
