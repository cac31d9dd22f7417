"""`pocketrag tune`: contrastive training of the base model, read top to bottom.

Several GPUs or machines: `accelerate launch -m pocketrag.cli tune RECIPE`; the recipe's batch is that of all
processes together.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pocketrag.console import status
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.facts.training import DevScores, Logged, MineFacts, TrainedOn, TuneFacts
from pocketrag.formats.layout import PROOF, TRIPLETS
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.train import Train
from pocketrag.reference import float_model
from pocketrag.reference.proof_texts import proof_texts

from .model.adapters import at_length, open_trainable, save_trained
from .model.arguments import arguments_of, brought_back, run_trainer
from .model.dev_evaluator import METRIC, evaluator_of, score
from .model.fake_quantization import exact, round_weights
from .model.fixed import fixed_of
from .model.question_side import question_data, question_loss

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer

#: As the trainer logs it.
LOGGED = f"eval_{METRIC}"


def tune(job: Job) -> TuneFacts:
    """Tune the base model on the mined triplets and keep what scored best on the development questions.

    Interrupted, it goes on from the last checkpoint when it is run again with the same inputs and settings.

    Raises:
        GateError: the best checkpoint could not be brought back.

    """
    import torch
    from transformers import set_seed

    from .model.checkpoints import last_whole

    recipe, checkpoints, mined = job.recipe, job.checkpoints(), job.facts("mine", MineFacts)
    train, longest = recipe.train, recipe.export.lengths[-1]
    assert train.method != "none"  # noqa: S101 - the command asks before
    set_seed(train.seed)
    model = open_trainable(job.start, train)
    split, fixed = job.split(), fixed_of(job)
    evaluator = evaluator_of(recipe, split, model, fixed)
    baseline = score(evaluator, model, longest)  # before anything is touched: what tuning must beat
    status(f"development nDCG@10 before tuning: {baseline:.4f}")
    rounded = (
        round_weights(model, quantization(recipe.export.quantization)) if train.quantization_aware else 0
    )
    triplets, begun = _triplets(job.inputs["mine"].folder / TRIPLETS), last_whole(checkpoints)
    if fixed is None:
        data, loss = _dataset(triplets), _loss(model, train)
    else:
        data = question_data(triplets, fixed)
        loss = question_loss(model, train, _widths(model, train), triplets, split.qrels, fixed)
    trainer, history = _train(model, recipe, data, loss, evaluator, checkpoints, begun)
    best = score(evaluator, model, longest)
    brought_back(trainer, best, "tune")
    if rounded or trainer.args.bf16:  # scored until here as it trained
        exact(model)
        best = score(evaluator, model, longest)
    status(f"development nDCG@10 after tuning: {best:.4f}")
    save_trained(model, train, job.out)
    with at_length(model, read_embedder(job.start).max_tokens):
        np.save(job.out / PROOF, float_model.encode(model, proof_texts(recipe), progress=False))
    return TuneFacts(
        method=train.method,
        side=train.side,
        dev_ndcg_10=DevScores(base=round(baseline, 6), tuned=round(best, 6)),
        triplets=len(data),
        data=TrainedOn(
            sources=mined.sources, questions=mined.questions, left_out=mined.left_out, strategy=mined.strategy
        ),
        steps=int(trainer.state.global_step),
        # Of equal scores the earliest: more training that shows nothing is not a gain.
        kept_step=trainer.state.best_global_step,
        projections_rounded=rounded,
        went_on_from=begun.name if begun else None,
        history=tuple(Logged.model_validate(row) for row in history),
        device=str(model.device),
        precision="bfloat16" if trainer.args.bf16 else "float32",
        processes=_processes(),
        threads=torch.get_num_threads(),
    )


def _triplets(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def _dataset(rows: list[dict[str, Any]]) -> Dataset:
    from datasets import Dataset

    # Column order is what the loss reads: anchor, positive, negatives. Prompts are in the texts already.
    columns = [
        name for name in rows[0] if name in ("anchor", "positive") or name.removeprefix("negative_").isdigit()
    ]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in columns})


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _train(
    model: Any,  # noqa: ANN401
    recipe: Recipe,
    data: Dataset,
    loss: Any,  # noqa: ANN401
    evaluator: Any,  # noqa: ANN401
    out: Path,
    begun: Path | None,
) -> tuple[Any, list[dict[str, float]]]:
    from transformers import EarlyStoppingCallback

    from .model.checkpoints import Digested
    from .model.trainers import trainer_of

    train = recipe.train
    trainer = trainer_of(train.method)(
        model=model,
        args=_arguments(train, len(data), out),
        train_dataset=data,
        loss=loss,
        evaluator=evaluator,
        callbacks=[
            Digested(),
            EarlyStoppingCallback(
                early_stopping_patience=train.patience, early_stopping_threshold=train.threshold
            ),
        ],
    )
    trainer.longest = recipe.export.lengths[-1]
    run_trainer(trainer, begun)
    kept = ("epoch", "loss", LOGGED)
    history = [
        {key: round(float(row[key]), 6) for key in kept if key in row} for row in trainer.state.log_history
    ]
    return trainer, [row for row in history if len(row) > 1]


def _arguments(train: Train, rows: int, out: Path) -> Any:  # noqa: ANN401
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    batch = min(train.batch_size, rows)
    return arguments_of(
        out,
        every=max(1, -(-rows // batch) * train.epochs // train.evaluations),
        metric=LOGGED,
        report_to=train.report_to,
        num_train_epochs=train.epochs,
        per_device_train_batch_size=max(1, batch // _processes()),
        learning_rate=train.learning_rate,
        warmup_steps=train.warmup_ratio,
        batch_sampler=BatchSamplers.NO_DUPLICATES,  # a duplicate in the batch would be a false negative
        seed=train.seed,
    )


def _loss(model: SentenceTransformer, train: Train) -> Any:  # noqa: ANN401
    from sentence_transformers.sentence_transformer.losses import (
        CachedMultipleNegativesRankingLoss,
        MatryoshkaLoss,
    )

    mini = train.mini_batch_size or float_model.batch_size(model, train.max_tokens)
    loss = CachedMultipleNegativesRankingLoss(
        model, mini_batch_size=mini, gather_across_devices=_processes() > 1
    )
    widths = _widths(model, train)
    return MatryoshkaLoss(model, loss, widths) if len(widths) > 1 else loss


def _widths(model: SentenceTransformer, train: Train) -> list[int]:
    # All dims, and the first so many that each learn to be an embedding of their own.
    width = int(model.get_embedding_dimension() or 0)
    return [width, *(dims for dims in train.matryoshka if dims < width)]
