"""What every training of a model is run with: precision, checkpoints, scores between, the best one kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.pipeline.stage import first_process

from ..hardware import has_bfloat16

#: How far the score of the best checkpoint, brought back, may lie from the one it had in training.
SCORE = 0.005


def arguments_of(
    out: Path,
    *,
    every: int,
    metric: str,
    report_to: Sequence[str],
    kind: Any = None,  # noqa: ANN401
    more_is_better: bool = True,
    **more: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Return the trainer's arguments: a score and a checkpoint every so many steps, the best one kept.

    Args:
        out: takes the checkpoints.
        every: steps.
        metric: as the trainer logs it.
        report_to: the trackers.
        kind: the class of the arguments; by default that of sentence-transformers' trainer.
        more_is_better: of the metric.
        more: rates, batches and whatever else is the training's own.

    """
    import torch
    from sentence_transformers import SentenceTransformerTrainingArguments

    return (kind or SentenceTransformerTrainingArguments)(
        output_dir=str(out),
        lr_scheduler_type="cosine",
        bf16=bf16(),  # never fp16: Gemma's activations overflow it
        fp16=False,
        # Without it two processes on processors don't share their scores.
        use_cpu=not torch.accelerator.is_available(),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=metric,
        greater_is_better=more_is_better,
        logging_steps=every,
        report_to=list(report_to),
        restore_callback_states_from_checkpoint=True,  # early stopping goes on counting
        dataloader_pin_memory=False,
        **more,
    )


def bf16() -> bool:
    """Say whether training is in bfloat16: where the GPU or the processor has it."""
    import torch

    # A T4 only emulates it, slower than float32; so do most processors.
    return (
        torch.cuda.is_bf16_supported(including_emulation=False)
        if torch.cuda.is_available()
        else has_bfloat16()
    )


def run_trainer(trainer: Any, begun: Path | None) -> None:  # noqa: ANN401
    """Train, from a checkpoint on where there is one; after the last one only the best is brought back."""
    from transformers import PrinterCallback, ProgressCallback, TrainerState

    from .shown_steps import ShownSteps

    if begun:
        status(f"going on from {begun.name}")
        state = TrainerState.load_from_json(str(begun / "trainer_state.json"))
        if _ended(state):
            # The library would take a step more, or all until the next score.
            trainer.state = state
            trainer._load_from_checkpoint(state.best_model_checkpoint)
            return
    for theirs in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(theirs)
    shown = ShownSteps()
    if first_process():
        trainer.add_callback(shown)
    try:
        trainer.train(resume_from_checkpoint=str(begun) if begun else None)
    finally:
        shown.close()


def _ended(state: Any) -> bool:  # noqa: ANN401 - a TrainerState
    stopping = state.stateful_callbacks["EarlyStoppingCallback"]
    waited = stopping["attributes"]["early_stopping_patience_counter"]
    return bool(state.global_step >= state.max_steps or waited >= stopping["args"]["early_stopping_patience"])


def brought_back(trainer: Any, found: float, what: str) -> None:  # noqa: ANN401
    """Check that the model in memory is that of the best checkpoint, and take bfloat16 off it.

    Args:
        trainer: has trained.
        found: the score of the model as it is now.
        what: is trained, for the message.

    Raises:
        GateError: it is another.

    """
    # load_best_model_at_end goes on with the last weights, and a log line, where it can't read the best ones.
    best = trainer.state.best_metric
    if not abs(found - best) <= SCORE:
        raise GateError(f"{what}: the best checkpoint scored {best:.4f}, but {found:.4f} once brought back.")
    # Accelerate leaves bfloat16 autocast around the model; what is saved and proved is float32.
    trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
