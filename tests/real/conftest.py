"""What only `make test-real EMBEDDINGGEMMA=DIR` has."""

import os
from pathlib import Path

import pytest

from tests.conftest import cli


@pytest.fixture(scope="session")
def embeddinggemma() -> Path:
    """The folder of the real weights."""
    folder = Path(os.environ.get("POCKETRAG_EMBEDDINGGEMMA") or "none")
    if not (folder / "model.safetensors").is_file():
        pytest.skip("the real weights are not here: make test-real EMBEDDINGGEMMA=DIR")
    return folder


@pytest.fixture(scope="session")
def gemma_stages(tmp_path_factory, embeddinggemma):
    """The folders of the float32 and of the int8 model, trimmed to 20 480 tokens, lengths 64 and 256."""
    folder = tmp_path_factory.mktemp("npu")
    from tests.real.test_embeddinggemma import recipe_of

    tables = '[trim]\ntokens = 20480\nlanguages = ["fr", "en"]\n[export]\nlengths = [64, 256]'
    recipe = recipe_of(folder, tables)
    for verb in ("trim", "convert", "quantize"):
        done = cli(verb, recipe, "--base", embeddinggemma, cwd=folder, timeout=7200)
        assert done.returncode == 0, done.stderr[-2000:]
    stages = folder / "work" / "gemma"
    return stages / "convert-base", stages / "quantize-base"
