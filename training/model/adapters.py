"""What is trained: LoRA on the float base, LoRA on the base in 4 bits (QLoRA), or every weight.

And how that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES
from pocketrag.recipe.train import Train
from pocketrag.reference.float_model import load_float

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ADAPTER, WHOLE = "adapter", "model"


def targets(family: str) -> dict[str, tuple[str, ...]]:
    """Return kind of matrix (as in pocketrag/recipe/quantization.py) -> the projections that are tuned."""
    known = CAPABILITIES[family]
    return {"attention": known.attention, "feed_forward": known.feed_forward}


def open_trainable(folder: Path, train: Train) -> SentenceTransformer:
    """Load an embedder so that what `train.method` tunes, and nothing else, has gradients.

    Raises:
        InputError: QLoRA without bitsandbytes, or a folder that is not an embedder.

    """
    model = load_float(
        folder, train.max_tokens, four_bits("train.method") if train.method == "qlora" else None
    )
    if train.method == "qlora":
        from peft import prepare_model_for_kbit_training

        inner: Any = model[0]
        inner.model = prepare_model_for_kbit_training(inner.model, use_gradient_checkpointing=False)
    if train.method != "full":
        # The dense layers behind the pooling too: what is not part of the adapter would be trained and then
        # lost.
        model.requires_grad_(False)
        _add_adapter(model, train)
    return model


def save_trained(model: SentenceTransformer, train: Train, out: Path) -> None:
    """Write what was tuned, as safetensors: the adapter, or the whole model."""
    inner: Any = model[0]
    if train.method == "full":
        model.save_pretrained(str(out / WHOLE), safe_serialization=True, create_model_card=False)
    else:
        inner.model.save_pretrained(str(out / ADAPTER), safe_serialization=True)


def load_trained(folder: Path, tuned: Path) -> SentenceTransformer:
    """Load what `save_trained` wrote.

    The base of `folder` in float32 under its adapter, or the whole model.
    """
    from peft import PeftModel

    if (tuned / WHOLE).is_dir():
        return load_float(tuned / WHOLE, read_embedder(folder).max_tokens).eval()
    model = load_float(folder)
    inner: Any = model[0]
    inner.model = PeftModel.from_pretrained(inner.model, str(tuned / ADAPTER), use_safetensors=True)
    return model.eval()


def scale(model: SentenceTransformer, base: SentenceTransformer, share: float) -> None:
    """Leave `share` of what tuning changed, in place.

    Base + share x (tuned - base), https://arxiv.org/abs/2109.01903.

    Args:
        model: what `load_trained` gave.
        base: what it was tuned from; read only where every weight was tuned.
        share: 0 < share <= 1.

    """
    from peft.tuners.lora import LoraLayer

    adapters = [module for module in model.modules() if isinstance(module, LoraLayer)]
    for adapter in adapters:
        adapter.scale_layer(share)
    if not adapters:
        before = base.state_dict()
        for name, tuned in model.state_dict().items():
            if tuned.is_floating_point():
                tuned.lerp_(before[name], 1 - share)


@contextmanager
def at_length(model: SentenceTransformer, tokens: int) -> Iterator[None]:
    """Let texts be cut at `tokens` for a while.

    Training may cut them shorter for speed, scores are taken at what ships.
    """
    before, model.max_seq_length = model.max_seq_length, tokens
    try:
        yield
    finally:
        model.max_seq_length = before


def _add_adapter(model: SentenceTransformer, train: Train) -> None:
    from peft import LoraConfig, TaskType

    inner: Any = model[0]
    model.add_adapter(
        LoraConfig(
            task_type=TaskType.FEATURE_EXTRACTION,
            r=train.rank,
            lora_alpha=train.alpha,
            lora_dropout=train.dropout,
            target_modules=[
                name for names in targets(inner.model.config.model_type).values() for name in names
            ],
        )
    )


def _gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def four_bits(key: str) -> dict[str, Any]:
    """Return how a base is loaded in 4 bits for QLoRA; `key` of the recipe asks for it.

    https://arxiv.org/abs/2305.14314: nf4, the scales quantized once more, sums in bfloat16 (Gemma overflows
    float16).

    Raises:
        InputError: bitsandbytes or a CUDA GPU is missing.

    """
    if util.find_spec("bitsandbytes") is None:
        raise InputError(f'`{key}` = "qlora" needs bitsandbytes: pip install bitsandbytes, or choose "lora".')
    if not _gpu():
        raise InputError(
            f'`{key}` = "qlora" needs a CUDA GPU: bitsandbytes promises no gradients '
            'elsewhere. Choose "lora".'
        )
    import torch
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config}
