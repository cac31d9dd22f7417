"""The float embedder in PyTorch: loading it safely, and encoding questions and passages with their prompts.

The one module of the shared layers that needs torch, when it is called: training tunes this model, export
measures against it.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pocketrag.console import bar
from pocketrag.console import progress as progress_bar
from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import PREFIXES, Embedder, read_embedder
from pocketrag.recipe import long_passages
from pocketrag.recipe.long_passages import LongPassages
from pocketrag.recipe.quantization import Store

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

#: Texts at once on a GPU.
BATCH = 32
#: Texts x tokens x width at once on a processor, 4 MB in float32: 32 long passages at once take
#: EmbeddingGemma 2.6 times as long as 4, because what they leave between two layers outgrows the caches.
CACHED = 2**20
#: Texts tokenized at once.
TOKENIZED = 1000
#: Characters that a token has at least, about.
CHARACTERS = 4


def load_float(
    folder: Path, max_tokens: int | None = None, how: dict[str, Any] | None = None
) -> SentenceTransformer:
    """Load a checked SentenceTransformer folder in float32.

    From safetensors only, no code of its own, no hub.

    Args:
        folder: the embedder.
        max_tokens: cut texts there; by default where the embedder itself does.
        how: more keywords for `from_pretrained`, such as a `quantization_config` to train on.

    Raises:
        InputError: the folder lacks a part that SentenceTransformer would silently replace by a guess, or
            its configuration and its weights don't fit.

    """
    embedder = read_embedder(folder)
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # a bar for 0.1 s of loading
    try:
        model = SentenceTransformer(
            str(folder),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True, "dtype": "float32", **(how or {})},
        )
    except (ValueError, KeyError, OSError, RuntimeError) as error:  # RuntimeError: a weight of another shape
        raise InputError(f"{folder}: transformers can't load it ({str(error).splitlines()[0]}).") from error
    model.max_seq_length = min(max_tokens or embedder.max_tokens, embedder.max_tokens)
    # As the app does: padding before a text gives BERT's tokens other places.
    model.tokenizer.padding_side = model.tokenizer.truncation_side = "right"
    _complete(embedder, model)
    # Our texts carry their prompts already; a model with prompts of its own would silently add them a second
    # time.
    model.prompts, model.default_prompt_name = {}, None
    return model


def _complete(embedder: Embedder, model: Any) -> None:  # noqa: ANN401
    # The library fills a missing weight with random numbers and a warning; the pooler alone is never used.
    inner = model[0].model
    stored = {name.removeprefix(prefix) for name in embedder.weights for prefix in ("", *PREFIXES)}
    # bitsandbytes keeps its scales as "….weight.absmax" and the like.
    wanted = [
        name for name in inner.state_dict() if not name.startswith("pooler.") and ".weight." not in name
    ]
    missing = [name for name in wanted if name not in stored]
    if missing:
        raise InputError(
            f"{embedder.folder}: {len(missing)} weights are missing, such as {missing[0]!r}. "
            "Export the model again."
        )


def encode(model: SentenceTransformer, texts: list[str], progress: bool = True) -> np.ndarray:
    """Encode prompted texts to unit vectors float32 [n, dims], in batches.

    A text's neighbours change it by some 1e-7.
    """
    return _encode(model, texts, batch_size(model, max(map(len, texts), default=0) // CHARACTERS), progress)


def encode_each(model: SentenceTransformer, texts: list[str], progress: bool = True) -> np.ndarray:
    """Encode prompted texts to unit vectors float32 [n, dims], each a function of its own text alone.

    On a processor to the bit: each runs alone. On a GPU, where that would waste most of it, only up to
    rounding: in batches.
    """
    import torch

    return _encode(model, texts, BATCH if torch.cuda.is_available() else 1, progress)


def _encode(model: SentenceTransformer, texts: list[str], size: int, progress: bool) -> np.ndarray:
    shown = _watched(model, len(texts), size) if progress and len(texts) > BATCH else nullcontext()
    with shown:
        vectors = model.encode(
            texts,
            batch_size=size,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
    return np.asarray(vectors, np.float32)


@contextmanager
def _watched(model: SentenceTransformer, texts: int, size: int) -> Iterator[None]:
    """Show a bar of ours: the first module runs once a batch."""
    left = [min(size, texts - at) for at in range(0, texts, size)]
    with bar(texts, "Embedding texts") as advance:
        handle = model[0].register_forward_hook(lambda *_: advance(left.pop() if left else 0))
        try:
            yield
        finally:
            handle.remove()


def batch_size(model: SentenceTransformer, tokens: int) -> int:
    """Return how many texts of up to so many tokens are best embedded at once."""
    import torch

    if torch.cuda.is_available():
        return BATCH
    length = max(1, min(tokens, int(model.max_seq_length or tokens)))
    return max(1, min(BATCH, CACHED // (length * int(model.get_embedding_dimension() or 1))))


def encode_ids(model: SentenceTransformer, ids: list[int]) -> np.ndarray:
    """Encode one list of token ids, special tokens included, to a unit vector float32 [dims].

    No tokenizer has a say.
    """
    import torch

    row = torch.tensor([ids], device=model.device)
    with torch.no_grad():
        vector = model.forward({"input_ids": row, "attention_mask": torch.ones_like(row)})[
            "sentence_embedding"
        ][0].cpu()
    return np.asarray(vector / vector.norm(), np.float32)


def tokenize(model: SentenceTransformer, text: str) -> list[int]:
    """Return the token ids of a prompted text, special tokens included, however many they are."""
    return list(model.tokenizer(text, truncation=False, verbose=False)["input_ids"])


def tokenize_all(model: SentenceTransformer, texts: Sequence[str], what: str) -> list[list[int]]:
    """Return the token ids of prompted texts as `tokenize` does, in batches with a progress bar."""
    rows: list[list[int]] = []
    for at in progress_bar(range(0, len(texts), TOKENIZED), what):
        batch = list(texts[at : at + TOKENIZED])
        rows += map(list, model.tokenizer(batch, truncation=False, verbose=False)["input_ids"])
    return rows


def encode_passages(
    model: SentenceTransformer,
    texts: list[str],
    policy: LongPassages,
    whole: Callable[[SentenceTransformer, list[str]], np.ndarray] = encode,
) -> np.ndarray:
    """Encode prompted passages to unit vectors float32 [n, dims]; `policy` says what becomes of long ones."""
    longest, rows = int(model.max_seq_length or 0), tokenize_all(model, texts, "Tokenizing passages")
    short = iter(whole(model, [text for text, ids in zip(texts, rows, strict=True) if len(ids) <= longest]))
    return np.array(
        [next(short) if len(ids) <= longest else _long(model, ids, longest, policy) for ids in rows],
        np.float32,
    )


def _long(model: SentenceTransformer, ids: list[int], longest: int, policy: LongPassages) -> np.ndarray:
    return long_passages.joined(
        [encode_ids(model, piece) for piece in long_passages.pieces(ids, longest, policy)]
    )


def processor() -> str:
    """Say what embeds here.

    Libraries choose their kernels by it, and another one's vectors are rounded otherwise.
    """
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    name = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"


def nearest(weight: Tensor, store: Store) -> Tensor:
    """Return `weight` float32 [out, in] on the grid of `store`, scaled by each row's or block's largest."""
    import torch

    if store.bits == 32:
        return weight
    blocks = weight.reshape(weight.shape[0], -1, store.block or weight.shape[1])
    high = (1 << (store.bits - 1)) - 1
    scale = (blocks.abs().amax(-1, keepdim=True) / high).clamp(min=1e-9)
    if store.block:
        scale = scale.to(torch.bfloat16).float()  # what XNNPACK keeps of a block's scale
    return (torch.round(blocks / scale).clamp(-high - 1, high) * scale).reshape(weight.shape)
