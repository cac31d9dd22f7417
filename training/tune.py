"""`pocketrag tune`: a LoRA adapter on the base model by contrastive training, read top to bottom."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketrag import stage
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.floats import BATCH, load_float
from pocketrag.prompts import Prompts
from pocketrag.recipe import Recipe, Train, read_recipe
from pocketrag.work import Work, origin, prompts_of, start_of

from .check import refuse
from .division import divide
from .mine import TRIPLETS

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.evaluation import InformationRetrievalEvaluator

WING = Path(__file__).parent
ADAPTER = "adapter"
#: The projections of every family that can be exported; each model has some of them.
TARGETS = {
    "bert": ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"],
    "gemma3_text": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
}
METRIC = "eval_dev_cosine_ndcg@10"


def tune(recipe: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Tune the base model on the mined triplets and keep the adapter that scored best on the development questions.

    Raises:
        InputError: `mine` has not run, or the recipe asks for no tuning.

    """
    chosen = read_recipe(recipe, base)
    if chosen.train.method == "none":
        raise InputError(f'{recipe}: `train.method` is "none", so there is nothing to tune.')
    refuse(chosen, work)
    rooms = Work(work, chosen.name)
    folder = start_of(chosen, rooms, recipe)
    made_from = origin(chosen)
    mined = stage.need(rooms.folder("mine"), "mine", recipe, **made_from)
    done = stage.run(
        rooms.folder("tune"),
        WING,
        inputs={**made_from["inputs"], "mine": mined.digest},
        settings={**made_from["settings"], "longest": chosen.export.lengths[-1]},
        make=lambda out: _make(chosen, folder, mined.folder, out),
    )
    return {"folder": str(done.folder), **done.facts}


def _make(recipe: Recipe, folder: Path, mined: Path, out: Path) -> dict[str, Any]:
    import torch
    from transformers import set_seed

    train = recipe.train
    set_seed(train.seed)
    model = load_float(folder, train.max_tokens)
    evaluator = _evaluator(recipe, prompts_of(recipe), recipe.export.lengths[-1])
    baseline = _dev_score(evaluator, model)  # before anything is touched: what tuning must beat
    status(f"development nDCG@10 before tuning: {baseline:.4f}")
    inner: Any = model[0]
    _add_adapter(model, train, str(inner.model.config.model_type))
    data = _dataset(mined / TRIPLETS)
    trainer, history = _train(model, train, data, evaluator, out / "checkpoints")
    best = _dev_score(evaluator, model)  # load_best_model_at_end has brought back the best checkpoint
    status(f"development nDCG@10 after tuning: {best:.4f}")
    inner.model.save_pretrained(str(out / ADAPTER), safe_serialization=True)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return {
        "dev_ndcg@10": {"base": round(baseline, 6), "tuned": round(best, 6)},
        "triplets": len(data),
        "steps": int(trainer.state.global_step),
        "history": history,
        "device": str(model.device),
        "threads": torch.get_num_threads(),
    }


def _add_adapter(model: SentenceTransformer, train: Train, family: str) -> None:
    from peft import LoraConfig, TaskType

    model.add_adapter(
        LoraConfig(
            task_type=TaskType.FEATURE_EXTRACTION,
            r=train.rank,
            lora_alpha=train.alpha,
            lora_dropout=train.dropout,
            target_modules=TARGETS[family],
        )
    )


def _dataset(file: Path) -> Dataset:
    from datasets import Dataset

    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
    # Column order is what the loss reads: anchor, positive, negatives. Prompts are in the texts already.
    columns = [name for name in rows[0] if name in ("anchor", "positive") or name.removeprefix("negative_").isdigit()]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in columns})


def _evaluator(recipe: Recipe, prompts: Prompts, whole: int) -> InformationRetrievalEvaluator:
    from sentence_transformers.evaluation import InformationRetrievalEvaluator

    class AtFullLength(InformationRetrievalEvaluator):
        """Scores at the length that ships, also where training cuts its texts shorter for speed."""

        def __call__(self, model: Any, *args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401
            short, model.max_seq_length = model.max_seq_length, whole
            try:
                return super().__call__(model, *args, **kwargs)
            finally:
                model.max_seq_length = short

    division = divide(recipe)
    return AtFullLength(
        queries={q.id: prompts.ask(q.text) for q in division.dev},
        corpus={p.id: prompts.passage(p.title, p.text) for p in division.pool},
        relevant_docs={q.id: {p for p, score in division.qrels[q.id].items() if score} for q in division.dev},
        ndcg_at_k=[10],
        batch_size=BATCH,
        name="dev",
        write_csv=False,
    )


def _dev_score(evaluator: InformationRetrievalEvaluator, model: SentenceTransformer) -> float:
    return float(evaluator(model)["dev_cosine_ndcg@10"])


def _train(model: Any, train: Train, data: Dataset, evaluator: Any, out: Path) -> tuple[Any, list[dict[str, float]]]:  # noqa: ANN401
    import torch
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.losses import CachedMultipleNegativesRankingLoss
    from sentence_transformers.training_args import BatchSamplers
    from transformers import EarlyStoppingCallback

    steps = -(-len(data) // train.batch_size) * train.epochs
    every = max(1, steps // train.evaluations)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(out),
        num_train_epochs=train.epochs,
        per_device_train_batch_size=min(train.batch_size, len(data)),
        learning_rate=train.learning_rate,
        warmup_steps=train.warmup_ratio,
        lr_scheduler_type="cosine",
        batch_sampler=BatchSamplers.NO_DUPLICATES,  # a duplicate in the batch would be a false negative
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),  # never fp16: Gemma's activations overflow it
        fp16=False,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=METRIC,
        greater_is_better=True,
        logging_steps=every,
        report_to=[],
        seed=train.seed,
        dataloader_pin_memory=False,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=data,
        loss=CachedMultipleNegativesRankingLoss(model, mini_batch_size=train.mini_batch_size),
        evaluator=evaluator,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=train.patience, early_stopping_threshold=train.threshold)],
    )
    trainer.train()
    kept = ("epoch", "loss", METRIC)
    history = [{key: round(float(row[key]), 6) for key in kept if key in row} for row in trainer.state.log_history]
    return trainer, [row for row in history if len(row) > 1]
