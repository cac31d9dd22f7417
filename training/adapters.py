"""The trainer: sentence-transformers' own, which brings back an adapter as an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import set_peft_model_state_dict
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformerTrainer


class AdapterTrainer(SentenceTransformerTrainer):
    """Reads an adapter's checkpoint into the model that is there.

    The library loads a second base for it, in float32 also where this one is in 4 bits; where that fails it logs a line and
    goes on with the weights of the last step.
    """

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ANN401
        inner: Any = self.model[0]
        left: Any = set_peft_model_state_dict(inner.model, load_file(Path(resume_from_checkpoint) / "adapter_model.safetensors"))
        if left.unexpected_keys:
            raise RuntimeError(f"{resume_from_checkpoint}: {left.unexpected_keys[0]} belongs to another adapter.")


def trainer_of(method: str) -> type[SentenceTransformerTrainer]:
    """Return the trainer of a method."""
    return SentenceTransformerTrainer if method == "full" else AdapterTrainer
