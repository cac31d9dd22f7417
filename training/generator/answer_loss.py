"""The mean loss of a language model's answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .chat_tokens import IGNORED, Tokens


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
