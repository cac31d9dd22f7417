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
from pocketrag.errors import GateError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.facts.training import DevScores, Logged, MineFacts, TrainedOn, TuneFacts
from pocketrag.formats.layout import PROOF, TRIPLETS
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.train import Train
from pocketrag.reference import float_model
from pocketrag.reference.proof_texts import proof_texts

from .hardware import has_bfloat16
from .model.adapters import at_length, open_trainable, save_trained
from .model.dev_evaluator import METRIC, evaluator_of, score
from .model.fake_quantization import exact, round_weights

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

#: As the trainer logs it.
LOGGED = f"eval_{METRIC}"
#: How far the score of the best checkpoint, brought back, may lie from the one it had in training.
SCORE = 0.005


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
    evaluator = evaluator_of(recipe, job.split(), model)
    baseline = score(evaluator, model, longest)  # before anything is touched: what tuning must beat
    status(f"development nDCG@10 before tuning: {baseline:.4f}")
    rounded = (
        round_weights(model, quantization(recipe.export.quantization)) if train.quantization_aware else 0
    )
    data, begun = _dataset(job.inputs["mine"].folder / TRIPLETS), last_whole(checkpoints)
    trainer, history = _train(model, recipe, data, evaluator, checkpoints, begun)
    best = _brought_back(trainer, evaluator, model, longest)
    if rounded or trainer.args.bf16:  # scored until here as it trained
        exact(model)
        best = score(evaluator, model, longest)
    status(f"development nDCG@10 after tuning: {best:.4f}")
    save_trained(model, train, job.out)
    with at_length(model, read_embedder(job.start).max_tokens):
        np.save(job.out / PROOF, float_model.encode(model, proof_texts(recipe), progress=False))
    return TuneFacts(
        method=train.method,
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


def _brought_back(
    trainer: Any,  # noqa: ANN401
    evaluator: InformationRetrievalEvaluator,
    model: SentenceTransformer,
    longest: int,
) -> float:
    # load_best_model_at_end goes on with the last weights, and a log line, where it can't read the best ones.
    best, found = trainer.state.best_metric, score(evaluator, model, longest)
    if not abs(found - best) <= SCORE:
        raise GateError(f"tune: the best checkpoint scored {best:.4f}, but {found:.4f} once brought back.")
    # Accelerate leaves bfloat16 autocast around the model; what is saved and proved is float32.
    trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    return found


def _dataset(file: Path) -> Dataset:
    from datasets import Dataset

    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
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
        loss=_loss(model, train),
        evaluator=evaluator,
        callbacks=[
            Digested(),
            EarlyStoppingCallback(
                early_stopping_patience=train.patience, early_stopping_threshold=train.threshold
            ),
        ],
    )
    trainer.longest = recipe.export.lengths[-1]
    if begun:
        status(f"going on from {begun.name}")
    trainer.train(resume_from_checkpoint=str(begun) if begun else None)
    kept = ("epoch", "loss", LOGGED)
    history = [
        {key: round(float(row[key]), 6) for key in kept if key in row} for row in trainer.state.log_history
    ]
    return trainer, [row for row in history if len(row) > 1]


def _arguments(train: Train, rows: int, out: Path) -> Any:  # noqa: ANN401
    import torch
    from sentence_transformers import SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    batch = min(train.batch_size, rows)
    every = max(1, -(-rows // batch) * train.epochs // train.evaluations)
    return SentenceTransformerTrainingArguments(
        output_dir=str(out),
        num_train_epochs=train.epochs,
        per_device_train_batch_size=max(1, batch // _processes()),
        learning_rate=train.learning_rate,
        warmup_steps=train.warmup_ratio,
        lr_scheduler_type="cosine",
        batch_sampler=BatchSamplers.NO_DUPLICATES,  # a duplicate in the batch would be a false negative
        bf16=_bf16(),  # never fp16: Gemma's activations overflow it
        fp16=False,
        # Without it two processes on processors don't share their scores.
        use_cpu=not torch.accelerator.is_available(),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=LOGGED,
        greater_is_better=True,
        logging_steps=every,
        report_to=list(train.report_to),
        restore_callback_states_from_checkpoint=True,  # early stopping goes on counting
        seed=train.seed,
        dataloader_pin_memory=False,
    )


def _bf16() -> bool:
    import torch

    # A T4 only emulates it, slower than float32; so do most processors.
    return (
        torch.cuda.is_bf16_supported(including_emulation=False)
        if torch.cuda.is_available()
        else has_bfloat16()
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
    width = int(model.get_embedding_dimension() or 0)
    narrower = [dims for dims in train.matryoshka if dims < width]
    return MatryoshkaLoss(model, loss, [width, *narrower]) if narrower else loss
