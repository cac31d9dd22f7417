"""Table, text encoder, tokenizer, special tokens and prompts as one `.litertlm`."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.engine_tokenizer import Around, around
from pocketrag.formats.embedder.litertlm_header import MODEL_KEY, PROMPTS_KEY
from pocketrag.formats.layout import MODEL

from .same_bytes import PROTO, write_same

#: Parts of a tokenizer.json that would change ids behind the engine's back: settings of a training (MiniLM's
#: pads to 128 tokens), and special tokens, which the metadata have.
LEFT_OUT = ("truncation", "padding", "post_processor")


def assemble_embedder(table: Path, text: Path, tokenizer: Path, spec: EmbedderSpec, out: Path) -> Around:
    """Write `out`; return the special tokens that it names.

    Args:
        table: the `.tflite` of the tokens' rows.
        text: the `.tflite` with a signature a length.
        tokenizer: the folder of the tokenizer that `spec` names, and of the `embedder.tflite` whose digest
            the file carries.
        spec: how the embedder is asked.
        out: the file; what it is made of lies beside it meanwhile.

    Raises:
        InputError: the engine can't take the tokenizer.

    """
    from litert_lm_builder import litertlm_builder as builder

    special = around(tokenizer, spec.tokenizer)
    metadata, copy = out.with_name("embedding_metadata.pb"), out.with_name("engine.tokenizer.json")
    metadata.write_bytes(_metadata(special).SerializeToString(deterministic=True))
    file = builder.LitertLmFileBuilder()
    for key, value in _texts(tokenizer, spec).items():
        file.add_system_metadata(builder.Metadata(key, value, builder.DType.STRING))
    file.add_embedding_metadata(str(metadata))
    if spec.tokenizer.kind == "tokenizer.json":
        found = files.read_json(tokenizer / spec.tokenizer.file)
        copy.write_text(json.dumps({**found, **dict.fromkeys(LEFT_OUT)}, ensure_ascii=False), "utf-8")
        file.add_hf_tokenizer(str(copy))
    else:
        file.add_sentencepiece_tokenizer(str(tokenizer / spec.tokenizer.file))
    file.add_tflite_model(str(table), builder.TfLiteModelType.EMBEDDER)
    file.add_tflite_model(str(text), builder.TfLiteModelType.TEXT_ENCODER)
    write_same(file, out)
    metadata.unlink()
    copy.unlink(missing_ok=True)
    return special


def _texts(folder: Path, spec: EmbedderSpec) -> dict[str, str]:
    return {
        MODEL_KEY: files.sha256(folder / MODEL),
        PROMPTS_KEY: json.dumps(spec.prompts.model_dump(), ensure_ascii=False, sort_keys=True),
    }


def _metadata(special: Around) -> Any:  # noqa: ANN401 - a generated class
    # Their classes are made when they are imported.
    messages: Any = import_module(f"{PROTO}.embedding_metadata_pb2")
    types: Any = import_module(f"{PROTO}.embedding_model_type_pb2")
    found = messages.EmbeddingMetadata()
    found.bos_token.token_ids.ids.extend(special.before)
    found.eos_token.token_ids.ids.extend(special.after)
    # What the other type adds is for pictures and sound.
    found.embedding_model_type.CopyFrom(types.EmbeddingModelType(generic_model=types.GenericEmbeddingModel()))
    return found
