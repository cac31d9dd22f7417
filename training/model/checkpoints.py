"""Checkpoints of an interrupted training that can be gone on from: each holds the digests of its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files

DIGESTS = "digests.json"


class Digested(TrainerCallback):
    """Writes a checkpoint's digests once all of it is written."""

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Take the checkpoint of this step; other processes may still add a file of their own."""
        if args.should_save:
            folder = Path(str(args.output_dir), f"{PREFIX_CHECKPOINT_DIR}-{state.global_step}")
            files.write_atomic(folder / DIGESTS, files.to_json(_digests(folder)))


def last_whole(folder: Path) -> Path | None:
    """Return the newest checkpoint of which no file was damaged, cut short or lost, None where there is none.

    Its best checkpoint, which training ends with, must be whole as well.
    """
    found = sorted(folder.glob(f"{PREFIX_CHECKPOINT_DIR}-*"), key=_step, reverse=True)
    for checkpoint in found:
        # The best one is read after the checkpoint is known to be whole, and often is the same.
        if _whole(checkpoint) and ((best := _best(checkpoint)) == checkpoint or _whole(best)):
            return checkpoint
        status(f"{checkpoint}: damaged or incomplete; left out")
    return None


def _step(checkpoint: Path) -> int:
    step = checkpoint.name.rpartition("-")[2]
    return int(step) if step.isdecimal() else -1


def _best(checkpoint: Path) -> Path:
    best = files.read_json(checkpoint / "trainer_state.json").get("best_model_checkpoint")
    return Path(best) if best else checkpoint


def _whole(checkpoint: Path) -> bool:
    try:
        written = files.read_json(checkpoint / DIGESTS)
    except InputError:
        return False
    there = _digests(checkpoint)
    return bool(written) and all(there.get(name) == digest for name, digest in written.items())


def _digests(folder: Path) -> dict[str, str]:
    return {name: digest for name, digest in files.digests(folder).items() if name != DIGESTS}
