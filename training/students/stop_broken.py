"""Ends a training that has broken down: numbers that are none, or all questions one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .distill_loss import DistillLoss
from .held_score import ALIKE, COLLAPSED, FINITE, SCORE


class StopBroken(TrainerCallback):
    """Stops the trainer, and says why; what was best until then is brought back by the trainer itself."""

    broken: Literal["not finite", "collapsed"] | None = None

    def __init__(self, loss: DistillLoss, before: float, taught_alike: float) -> None:
        """Keep what tells a breakdown.

        Args:
            loss: of the training.
            before: the score before it.
            taught_alike: mean cosine of all pairs of the held-out questions by the teacher.

        """
        self.loss, self.before, self.taught_alike = loss, before, taught_alike
        self.log: Callable[[dict[str, float]], None] = lambda row: None

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Log the score before training, for the trackers too."""
        if state.global_step == 0:
            self.log({f"eval_{SCORE}": self.before})

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Stop where the loss was no number: neither are the weights after it."""
        if self.loss.broken:
            self._stop("not finite", control)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **given: Any,  # noqa: ANN401
    ) -> None:
        """Stop where vectors are no numbers, or all questions one and worse than before.

        A start whose questions are all alike may still come apart.
        """
        metrics = given["metrics"]
        best = self.before if state.best_metric is None else max(self.before, state.best_metric)
        one = metrics[f"eval_{ALIKE}"] > COLLAPSED >= self.taught_alike
        if not metrics[f"eval_{FINITE}"]:
            self._stop("not finite", control)
        elif one and metrics[f"eval_{SCORE}"] <= best:
            self._stop("collapsed", control)

    def _stop(self, why: Literal["not finite", "collapsed"], control: TrainerControl) -> None:
        self.broken = self.broken or why
        control.should_training_stop = True
        control.should_save = False  # nothing goes on from it: the same command ends in the same error
