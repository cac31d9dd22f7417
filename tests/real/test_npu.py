"""The real EmbeddingGemma on an emulated NPU: `make test-real EMBEDDINGGEMMA=DIR`, about an hour on an idle core, 7 GB of memory."""

import json

import numpy as np
import pytest
from pocketrag.export.npu.compiler import compile_for
from pocketrag.export.npu.rewrite import rewrite
from pocketrag.export.npu.toolchain import find_toolchain

from pocketrag.errors import PocketragError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.formats.tokenizer import padded
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.npu.emulate import emulate
from tests.npu import SOC, needs_npu
from tests.real.french_questions import QUESTIONS
from tests.real.test_embeddinggemma import HANDBOOK

pytestmark = [pytest.mark.real, needs_npu]


def open_float(folder):
    return LiteRtEmbedder(folder, EmbedderSpec.model_validate_json((folder / SPEC).read_text()))


def compiled(source, folder, length, soc=SOC):
    half = folder / "half.tflite"
    rewrite(source / MODEL, half, [length])
    return compile_for(soc, half, folder / f"{soc}.tflite", find_toolchain())


def compared(gemma_stages, folder, length, rows):
    """Mean and least cosine of the emulated int8 file to the float32 model."""
    float_folder, int8_folder = gemma_stages
    file = compiled(int8_folder, folder, length)
    print(  # noqa: T201 - for docs/npu.md
        f"{length} tokens: {file.seconds:.1f} s, {file.peak_bytes / 1e9:.2f} GB, "
        f"{file.compiled.file.stat().st_size / 1e6:.1f} MB"
    )
    assert file.peak_bytes <= 3e9
    embedder = open_float(float_folder)
    wanted = np.stack([embedder.embed_ids(ids, length) for ids in rows])
    found = emulate(file.compiled.file, [padded(ids, length, 0) for ids in rows])
    norms = np.linalg.norm(found, axis=1)
    cosines = (found * wanted).sum(1) / norms
    means = f"{cosines.mean():.5f} / {cosines.min():.5f}, n {len(rows)}"
    print(f"cosine {means}, norms {norms.min():.4f} to {norms.max():.4f}")  # noqa: T201
    assert np.abs(norms - 1).max() <= 0.01
    return cosines


def test_french_questions(gemma_stages, tmp_path):
    embedder = open_float(gemma_stages[0])
    rows = [embedder.tokenize(embedder.spec.prompts.ask(text)) for text in QUESTIONS]
    assert len(rows) >= 24 and max(map(len, rows)) <= 64
    cosines = compared(gemma_stages, tmp_path, 64, rows)
    assert cosines.mean() >= 0.9995 and cosines.min() >= 0.999


def test_passages_of_256_tokens(gemma_stages, tmp_path):
    embedder = open_float(gemma_stages[0])
    texts = [json.loads(line)["text"] for line in (HANDBOOK / "corpus.jsonl").read_text("utf-8").splitlines()]
    joined = [" ".join(texts[n : n + 6]) for n in range(0, 36, 6)]
    rows = [embedder.tokenize(embedder.spec.prompts.passage("", text)) for text in joined]
    rows = [[*ids[:255], ids[-1]] if len(ids) > 256 else ids for ids in rows]
    assert len(rows) == 6 and min(map(len, rows)) > 128
    cosines = compared(gemma_stages, tmp_path, 256, rows)
    # Rounding to int8 alone leaves .99947 here; with both dense matrices in float it is .9995 (docs/npu.md).
    assert cosines.mean() >= 0.9993 and cosines.min() >= 0.999


def test_compiling_again_gives_the_same_bytes(gemma_stages, tmp_path):
    # What the compiler leaves unset follows from the length of paths, too.
    folders = [tmp_path / name for name in ("a", "a-longer-name")]
    for folder in folders:
        folder.mkdir()
        compiled(gemma_stages[1], folder, 64)
    assert files.digests(folders[0]) == files.digests(folders[1])


def test_a_system_that_the_compiler_does_not_know_is_refused_by_name(gemma_stages, tmp_path):
    with pytest.raises(PocketragError, match="SM9999"):
        compiled(gemma_stages[1], tmp_path, 64, soc="SM9999")
