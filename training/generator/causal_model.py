"""A language model from its folder, with every weight; and the mean loss of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .chat_tokens import IGNORED, Tokens


def load_causal(folder: Path, **more: Any) -> Any:  # noqa: ANN401 - a PreTrainedModel
    """Load a language model in float32; `more` is how, such as `quantization_config`.

    Raises:
        InputError: a weight is missing, or of another shape: transformers would put random numbers there.

    """
    import torch
    from transformers import AutoModelForCausalLM

    found: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
        **more,
    )
    model, said = found
    wrong = [*said["missing_keys"], *(key for key, *_ in said["mismatched_keys"])]
    if wrong:
        raise InputError(
            f"{folder}: weights are missing or of another shape: {', '.join(sorted(wrong)[:3])}."
        )
    return model.eval()


def answer_loss(model: Any, rows: Iterable[Tokens]) -> float:  # noqa: ANN401
    """Return the mean cross-entropy of all taught tokens, in nats; each counts once."""
    import torch
    from torch.nn.functional import cross_entropy

    before = model.training
    model.eval()
    summed, count = 0.0, 0
    with torch.no_grad():
        for row in rows:
            labels = torch.tensor(row.labels[1:], device=model.device)
            logits = model(input_ids=torch.tensor([row.ids], device=model.device), use_cache=False).logits
            found = cross_entropy(logits[0, :-1].float(), labels, ignore_index=IGNORED, reduction="sum")
            summed, count = summed + float(found), count + int((labels != IGNORED).sum())
    model.train(before)
    return summed / count
