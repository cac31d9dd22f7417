"""Base + adapter -> an ordinary Hugging Face folder in float32, proved to compute what was tuned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.formats.facts.generator import MERGE_LIMIT, MergeProof
from pocketrag.formats.generator.language_model import TOKENIZERS, weights_digest
from pocketrag.reference.float_language_model import load_causal
from pocketrag.reference.save_model import copy_tokenizer

from .chat_tokens import Tokens

#: Dialogues and tokens of each whose logits are compared; tokens are spread over the dialogue.
PROMPTS, POSITIONS, LONGEST = 8, 8, 512


def proof_rows(lesson: Sequence[Tokens]) -> list[list[int]]:
    """Return the token ids of the dialogues that the proof reads, evenly spread over those given."""
    picked = np.linspace(0, len(lesson) - 1, min(PROMPTS, len(lesson))).round().astype(int)
    return [lesson[n].ids[:LONGEST] for n in dict.fromkeys(picked.tolist())]


def logits_of(model: Any, rows: Sequence[list[int]]) -> np.ndarray:  # noqa: ANN401
    """Return float32 [positions, vocabulary] of some tokens of each row."""
    import torch

    found = []
    with torch.no_grad():
        for ids in rows:
            at = np.unique(np.linspace(0, len(ids) - 1, POSITIONS).round().astype(int))
            logits = model(input_ids=torch.tensor([ids], device=model.device), use_cache=False).logits[0]
            found.append(logits[torch.from_numpy(at).to(logits.device)].float().cpu().numpy())
    return np.concatenate(found)


def merge_adapter(
    folder: Path, adapter: Path, out: Path, rows: Sequence[list[int]], trained: np.ndarray | None
) -> MergeProof:
    """Merge, write and prove.

    Args:
        folder: of the base.
        adapter: of the adapter.
        out: becomes the merged model's folder, with the base's own tokenizer and template.
        rows: token ids that are compared.
        trained: `logits_of` the model as training left it; None where that had another base (4 bits).

    Raises:
        GateError: the merged model, or the adapter as it was saved, computes something else.

    """
    from peft import PeftModel

    base = load_causal(folder)
    untuned = logits_of(base, rows)
    tuned: Any = PeftModel.from_pretrained(base, str(adapter), use_safetensors=True).eval()
    before = logits_of(tuned, rows)
    merged = tuned.merge_and_unload(safe_merge=True)
    merged.save_pretrained(str(out), safe_serialization=True)
    copy_tokenizer(folder, out, TOKENIZERS)
    del base, tuned, merged
    after = logits_of(load_causal(out), rows)  # from disk: what was saved is what is proved
    proof = MergeProof(
        method="qlora" if trained is None else "lora",
        largest_difference=float(np.abs(after - before).max()),
        relative_difference=_apart(after, before),
        limit=MERGE_LIMIT,
        from_training=None if trained is None else _apart(before, trained),
        from_base=_apart(after, untuned),
        prompts=len(rows),
        positions=len(after),
        weights=weights_digest(out),
    )
    _refuse(out, "base with adapter", proof.relative_difference)
    if trained is not None:
        _refuse(out, "the model as training left it", proof.from_training)
    return proof


def _refuse(out: Path, what: str, apart: float | None) -> None:
    status(f"merged against {what}: largest difference {apart} of the largest logit")
    if apart is None or not apart <= MERGE_LIMIT:
        raise GateError(
            f"{out.name}: unlike {what}: logits differ by {apart} of the largest, limit {MERGE_LIMIT}."
        )


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max() / np.abs(other).max())
