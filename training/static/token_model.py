"""A model as a function of one token: special tokens around it, one forward pass, one vector.

An embedder is taken whole, with the dense layers behind its pooling (Model2Vec's own distillation reads the
transformer alone and drops them). Of any other model it is the last hidden state of the token itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import plain
from pocketrag.reference import float_model
from pocketrag.reference.model2vec import read_tokenizer, unknown_id

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: `sentence_transformers`' folders have this file.
MODULES = "modules.json"
#: Rows that no training ever used, as BERT and Gemma spell them: their vectors mean nothing.
RESERVED = ("[unused", "<unused")
#: Bytes of a stored number, by the format's name of its type.
WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1}
#: Output layers: the vectors are read before them.
HEADS = ("lm_head.", "cls.", "model.lm_head.")


@dataclass(frozen=True)
class Described:
    """What a folder says of its model, before anything of it is loaded."""

    folder: Path
    kind: Literal["embedder", "model"]
    family: str
    hidden: int
    weights: int
    """How many numbers."""
    width: int
    """Bytes of each, as stored."""
    tokenizer: Any
    tokens: int
    """Ids that the tokenizer gives: 0 to one less."""
    embedded: tuple[int, ...]
    """Those that a vector is made for: not special, not unknown, not reserved, with a row in the model."""
    before: tuple[int, ...]
    """Special tokens put before a token, and after it."""
    after: tuple[int, ...]


def describe(folder: Path) -> Described:
    """Read configuration, tokenizer and the headers of the weights.

    Raises:
        InputError: a part is missing, or the model is of a kind that has no vector a token.

    """
    config = files.read_json(folder / "config.json")
    if "model_type" not in config:
        raise InputError(f"{folder / 'config.json'}: names no model_type, so it is no transformer's.")
    if config.get("is_encoder_decoder"):
        raise InputError(f"{folder / 'config.json'}: an encoder with a decoder; only models of one stack.")
    text = plain(config.get("text_config") or config)
    tokenizer = read_tokenizer(folder / "tokenizer.json")
    embedder = (folder / MODULES).is_file()
    weights, width = _size(folder, [one.folder for one in read_embedder(folder).dense] if embedder else [])
    tokens, embedded = _vocabulary(folder, tokenizer, text)
    return Described(
        folder,
        "embedder" if embedder else "model",
        str(config["model_type"]),
        int(text.get("hidden_size", 0)),
        weights,
        width,
        tokenizer,
        tokens,
        embedded,
        *_around(tokenizer, text),
    )


def open_model(described: Described, dtype: str) -> Callable[[Tensor], Tensor]:
    """Load a described model; return a function of token ids int [n, length] to vectors float32 [n, width].

    Args:
        described: what `describe` read.
        dtype: "float32", or "auto" for the type that the weights are stored in.

    Raises:
        InputError: a weight is missing, or transformers does not know the family.

    """
    opened = _embedder if described.kind == "embedder" else _plain
    return opened(described, dtype)


def _embedder(described: Described, dtype: str) -> Callable[[Tensor], Tensor]:
    import torch

    model = float_model.load_float(described.folder, how={"dtype": dtype})

    def vectors(ids: Tensor) -> Tensor:
        ids = ids.to(model.device)
        with torch.inference_mode():
            found = model.forward({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
        return found["sentence_embedding"].float().cpu()

    return vectors


def _plain(described: Described, dtype: str) -> Callable[[Tensor], Tensor]:
    import torch

    model = _transformer(described.folder, dtype)
    place = len(described.before)
    device: torch.device = next(model.parameters()).device

    def vectors(ids: Tensor) -> Tensor:
        ids = ids.to(device)
        with torch.inference_mode():
            found = model(input_ids=ids, attention_mask=torch.ones_like(ids))
        state: Tensor = found.last_hidden_state[:, place]
        return state.float().cpu()

    return vectors


def _transformer(folder: Path, dtype: str) -> Any:  # noqa: ANN401 - any family of transformers
    import torch
    import transformers

    log = transformers.utils.logging
    log.disable_progress_bar()
    before = log.get_verbosity()
    log.set_verbosity_error()  # it reports the output layer, which is not wanted, as unexpected
    try:
        model, found = transformers.AutoModel.from_pretrained(
            str(folder),
            trust_remote_code=False,
            local_files_only=True,
            use_safetensors=True,
            dtype=dtype,
            output_loading_info=True,
        )
    except (ValueError, KeyError, OSError, RuntimeError) as error:  # RuntimeError: a weight of another shape
        raise InputError(f"{folder}: transformers can't load it ({str(error).splitlines()[0]}).") from error
    finally:
        log.set_verbosity(before)
    if missing := sorted(name for name in found["missing_keys"] if "pooler." not in name):
        raise InputError(f"{folder}: {len(missing)} weights are missing, such as {missing[0]!r}.")
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def _size(folder: Path, dense: list[Path]) -> tuple[int, int]:
    from safetensors import SafetensorError, safe_open

    stored = [file for place in (folder, *dense) for file in sorted(place.glob("model*.safetensors"))]
    if not any(file.parent == folder for file in stored):
        raise InputError(f"{folder / 'model.safetensors'}: missing; only safetensors weights are loaded.")
    count, widths = 0, set()
    for file in stored:
        try:
            with safe_open(file, framework="np") as tensors:
                for name in tensors.keys():  # noqa: SIM118 - safe_open is not a mapping
                    part = tensors.get_slice(name)
                    widths.add(WIDTHS.get(part.get_dtype(), 4))
                    count += 0 if name.startswith(HEADS) else _product(part.get_shape())
        except SafetensorError as error:
            raise InputError(f"{file}: not a readable safetensors file ({error}).") from error
    return count, max(widths, default=4)


def _product(shape: list[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _vocabulary(
    folder: Path,
    tokenizer: Any,  # noqa: ANN401
    config: dict[str, Any],
) -> tuple[int, tuple[int, ...]]:
    rows = int(config.get("vocab_size", 0))
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    tokens = max(vocabulary.values(), default=-1) + 1
    if tokens != len(set(vocabulary.values())):
        raise InputError(
            f"{folder / 'tokenizer.json'}: leaves out {tokens - len(vocabulary)} of {tokens} ids; Model2Vec "
            "takes a vector for every id. Number the tokens without gaps."
        )
    silent = {id_ for id_, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    # A trimmed tokenizer does not mark them: no text holds them.
    named = {_first(config.get(f"{name}_token_id")) for name in ("pad", "bos", "eos")}
    silent |= {unknown_id(tokenizer), *_reserved(vocabulary), *named}
    # Some tokenizers know tokens that the model has no row for, such as those of images.
    kept = tuple(id_ for id_ in range(min(tokens, rows)) if id_ not in silent)
    if not kept:
        raise InputError(f"{folder}: no token of the tokenizer has a row in the model.")
    return tokens, kept


def _reserved(vocabulary: dict[str, int]) -> Iterator[int]:
    for name, id_ in vocabulary.items():
        if name.startswith(RESERVED) and name[7:-1].isdigit():
            yield id_


def _around(tokenizer: Any, config: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:  # noqa: ANN401
    sample = tokenizer.encode("a")
    special = sample.special_tokens_mask
    if 1 in special:
        first, last = special.index(0), len(special) - special[::-1].index(0)
        before, after = tuple(sample.ids[:first]), tuple(sample.ids[last:])
    else:
        before, after = (), ()
    # A causal model needs something before the token: what stands first draws the attention of all that
    # follows, and its state says little of itself (https://arxiv.org/abs/2309.17453). Qwen's tokenizer puts
    # nothing there; its configuration names a token. What stands behind the token it does not see.
    start = _first(config.get("bos_token_id"), config.get("eos_token_id"))
    return before or (() if start is None else (start,)), after


def _first(*given: int | list[int] | None) -> int | None:
    found = next((one for one in given if one is not None and one != []), None)
    return found[0] if isinstance(found, list) else found
