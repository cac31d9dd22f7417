"""Supervised fine-tuning of a LoRA adapter on the assistant's turns: the trainer, and what it is run with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from peft import LoraConfig, TaskType
from transformers import EarlyStoppingCallback
from transformers.trainer_utils import EvalLoopOutput
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from pocketrag.errors import InputError
from pocketrag.recipe.generator import Generator

from ..model.arguments import arguments_of
from ..model.checkpoints import Digested
from .answer_loss import answer_loss
from .chat_tokens import Tokens
from .lesson_of_dialogues import Lesson

#: As the trainer logs it.
LOGGED = "eval_loss"
#: Linear layers of attention and feed-forward, as Llama, Mistral, Qwen, Gemma and Phi call them.
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj")
FEED_FORWARD = ("gate_proj", "up_proj", "down_proj", "gate_up_proj")
#: Tokens computed at once, of all rows together: what a GPU of 16 GB and a processor's memory bear beside a
#: model of a billion parameters (assumed; gradient checkpointing is on). The result does not depend on it.
AT_ONCE = {"cuda": 8192, "cpu": 2048}


class AnswerTrainer(SFTTrainer):
    """TRL's trainer, whose held-out loss is that of all taught tokens, the same on every process."""

    held_out: list[Tokens]

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:  # noqa: ANN401
        """Return the loss on the held-out dialogues, in the precision of the training."""
        name = f"{kwargs.get('metric_key_prefix', 'eval')}_loss"
        with self.compute_loss_context_manager():
            loss = answer_loss(self.model, self.held_out)
        return EvalLoopOutput(np.empty(0), None, {name: loss}, len(self.held_out))


def projections_of(model: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the names of the layers that get adapters.

    Raises:
        InputError: the model has none of these names.

    """
    there = {part for name, _ in model.named_modules() for part in name.split(".")}
    attention, feed_forward = (
        [name for name in names if name in there] for names in (ATTENTION, FEED_FORWARD)
    )
    if not attention or not feed_forward:
        raise InputError(
            f"generator.base: a {model.config.model_type} names its layers otherwise than "
            f"{', '.join((*ATTENTION, *FEED_FORWARD))}; take another base."
        )
    return (*attention, *feed_forward)


def trainer_of(model: Any, tokenizer: Any, generator: Generator, lesson: Lesson, out: Path) -> Any:  # noqa: ANN401
    """Return the trainer of a model, with a fresh adapter on it; checkpoints go to `out`."""
    adapter = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=generator.rank,
        lora_alpha=2 * generator.rank,
        lora_dropout=generator.dropout,
        target_modules=list(projections_of(model)),
    )
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(generator, lesson, out),
        train_dataset=_dataset(lesson.train),
        eval_dataset=_dataset(lesson.held_out),
        processing_class=tokenizer,
        peft_config=adapter,
        callbacks=[Digested(), EarlyStoppingCallback(early_stopping_patience=generator.patience)],
    )
    trainer.held_out = lesson.held_out
    return trainer


def batches(generator: Generator, lesson: Lesson) -> tuple[int, int]:
    """Return how many dialogues are computed at once, and how many such batches a step gathers."""
    import torch

    batch = min(generator.batch_size, len(lesson.train))
    longest = max(len(one.ids) for one in lesson.train)
    fit = max(1, AT_ONCE["cuda" if torch.cuda.is_available() else "cpu"] // longest)
    at_once = next(size for size in range(min(batch, fit), 0, -1) if batch % size == 0)
    return at_once, batch // at_once


def _arguments(generator: Generator, lesson: Lesson, out: Path) -> SFTConfig:
    at_once, gathered = batches(generator, lesson)
    steps = -(-len(lesson.train) // (at_once * gathered)) * generator.epochs
    found: SFTConfig = arguments_of(
        out,
        every=max(1, steps // generator.evaluations),
        metric=LOGGED,
        report_to=generator.report_to,
        kind=SFTConfig,
        more_is_better=False,
        # What is taught was decided, and labelled, before.
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        num_train_epochs=generator.epochs,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=gathered,
        learning_rate=generator.learning_rate,
        warmup_steps=generator.warmup_ratio,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        seed=generator.seed,
    )
    return found


def _dataset(rows: list[Tokens]) -> Any:  # noqa: ANN401 - datasets.Dataset
    from datasets import Dataset

    return Dataset.from_dict({"input_ids": [one.ids for one in rows], "labels": [one.labels for one in rows]})
