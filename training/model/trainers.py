"""The trainers: sentence-transformers' own, with scores at full length on every process.

Adapters are brought back as adapters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import set_peft_model_state_dict
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformerTrainer

from .adapters import at_length


class WholeTrainer(SentenceTransformerTrainer):
    """Scores at full length."""

    longest: int

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Score the development questions.

        Of several processes each embeds a share, so each needs the length.
        """
        with at_length(self.model, self.longest):
            return super().evaluation_loop(*args, **kwargs)


class AdapterTrainer(WholeTrainer):
    """Reads an adapter's checkpoint into the model that is there.

    The library loads a second base for it, in float32 also where this one is in 4 bits; where that fails it
    logs a line and goes on with the weights of the last step.
    """

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ANN401
        inner: Any = self.model[0]
        left: Any = set_peft_model_state_dict(
            inner.model, load_file(Path(resume_from_checkpoint) / "adapter_model.safetensors")
        )
        if left.unexpected_keys:
            raise RuntimeError(
                f"{resume_from_checkpoint}: {left.unexpected_keys[0]} belongs to another adapter."
            )


def trainer_of(method: str) -> type[WholeTrainer]:
    """Return the trainer of a method."""
    return WholeTrainer if method == "full" else AdapterTrainer
