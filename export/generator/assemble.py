"""Model, tokenizer and metadata as one `.litertlm`, the same bytes each time."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ..litertlm.same_bytes import PROTO, write_same


@dataclass(frozen=True)
class Speech:
    """How a model is spoken to."""

    template: str
    """Jinja; it writes the start token itself, where the model has one."""
    stop: tuple[int, ...]
    """Token ids, ascending."""
    max_tokens: int
    """Prompt and answer together."""
    start: int | None = None
    """The token that the template begins a prompt with."""


def assemble(model: Path, tokenizer: Path, speech: Speech, out: Path) -> None:
    """Write `out` of a `.tflite` with the signatures `prefill_N` and `decode`, and a `tokenizer.json`."""
    from litert_lm_builder import litertlm_builder as builder

    file = builder.LitertLmFileBuilder()
    metadata = out.with_name("llm_metadata.pb")
    metadata.write_bytes(_metadata(speech).SerializeToString(deterministic=True))
    file.add_llm_metadata(str(metadata))
    file.add_hf_tokenizer(str(tokenizer))
    file.add_tflite_model(str(model), builder.TfLiteModelType.PREFILL_DECODE)
    write_same(file, out)
    metadata.unlink()


def _metadata(speech: Speech) -> Any:  # noqa: ANN401 - a generated class
    # Their classes are made when they are imported.
    messages: Any = import_module(f"{PROTO}.llm_metadata_pb2")
    types: Any = import_module(f"{PROTO}.llm_model_type_pb2")
    found = messages.LlmMetadata()
    # No start token: LiteRT-LM would put it before the one that the template writes.
    for token in speech.stop:
        found.stop_tokens.add().token_ids.ids.append(token)
    found.max_num_tokens = speech.max_tokens
    found.jinja_prompt_template = speech.template
    # What the families' own types add is for pictures, tools and thoughts.
    found.llm_model_type.CopyFrom(types.LlmModelType(generic_model=types.GenericModel()))
    return found
