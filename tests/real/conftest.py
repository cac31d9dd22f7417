"""What only `make test-real EMBEDDINGGEMMA=DIR` has."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def embeddinggemma() -> Path:
    """The folder of the real weights."""
    folder = Path(os.environ.get("POCKETRAG_EMBEDDINGGEMMA") or "none")
    if not (folder / "model.safetensors").is_file():
        pytest.skip("the real weights are not here: make test-real EMBEDDINGGEMMA=DIR")
    return folder
