"""Encoders of a bundle share the file of one tokenizer; a fallback's other one gets a name of its own."""

import pytest
from pocketrag.export.bundle_encoders import _lay

from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import TokenizerSpec


def stage(folder, tokenizer, kind="tokenizer.json", file="tokenizer.json"):
    folder.mkdir()
    spec = EmbedderSpec(
        dims=8,
        lengths=(16,),
        quantization="int8",
        prompts=Prompts(),
        tokenizer=TokenizerSpec(kind=kind, file=file),
    )
    (folder / "embedder.json").write_text(spec.model_dump_json())
    (folder / "embedder.tflite").write_text(folder.name)
    (folder / file).write_text(tokenizer)
    return folder


@pytest.mark.parametrize(
    ("other", "file", "wanted"),
    [
        (("a",), "tokenizer.json", {"tokenizer.json": "a"}),
        (("b",), "fallback.tokenizer.json", {"tokenizer.json": "a", "fallback.tokenizer.json": "b"}),
        (
            ("b", "sentencepiece", "tokenizer.model"),
            "tokenizer.model",
            {"tokenizer.json": "a", "tokenizer.model": "b"},
        ),
    ],
)
def test_each_encoder_names_its_own(tmp_path, other, file, wanted):
    out = tmp_path / "bundle"
    out.mkdir()
    first = _lay(stage(tmp_path / "first", "a"), out, "main")
    second = _lay(stage(tmp_path / "second", *other), out, "fallback")
    assert first.tokenizer.file == "tokenizer.json" and second.tokenizer.file == file
    models = {"embedder.tflite": "first", "fallback.tflite": "second"}
    assert {path.name: path.read_text() for path in out.iterdir()} == wanted | models
