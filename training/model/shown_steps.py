"""A training as people see it: one bar of steps, and a line each time it is scored."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pocketrag.console import bar, status


class ShownSteps(TrainerCallback):
    """Takes the place of the library's own bars, which print a line each log; for one process of several."""

    def __init__(self) -> None:
        """Begin with no bar."""
        self._open = ExitStack()

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Show the bar, with the steps of an interrupted run done."""
        self._advance = self._open.enter_context(bar(state.max_steps, "Training"))
        self._advance(state.global_step)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Count a step."""
        self._advance(1)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **given: Any,  # noqa: ANN401
    ) -> None:
        """Say what the score is that the best checkpoint is chosen by."""
        name = str(args.metric_for_best_model).removeprefix("eval_")
        score = given["metrics"].get(f"eval_{name}")
        if score is not None and state.global_step:
            status(f"step {state.global_step:,} of {state.max_steps:,}: {name} {score:.4f}")

    def close(self) -> None:
        """Take the bar away."""
        self._open.close()
