"""Embeds texts with LiteRT-LM's EmbeddingEngine, in a process of its own.

The engine trusts its file: a damaged one may end the process. That is an error here, and no crash.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.tokenizer import clean

#: What it needs, and how that is installed.
PACKAGE, INSTALL = "litert-lm-api", "pip install 'pocketrag[answers]'"
#: Seconds for the start and a text, after which it is given up; EmbeddingGemma takes under one a text.
SECONDS_TO_START, SECONDS_A_TEXT = 600, 60


class EngineError(InputError):
    """The engine ended early, refused the file or gave no vectors."""


def obstacle() -> str | None:
    """Return why the engine can't run here; None where it can."""
    return None if util.find_spec("litert_lm") else f"{PACKAGE} is not installed: {INSTALL}"


def version() -> str:
    """Return the version of the engine that is installed."""
    return metadata.version(PACKAGE)


def embed(file: Path, texts: Sequence[str]) -> np.ndarray:
    """Embed prompted texts with the model of a `.litertlm`, on one thread of the CPU; float32 [n, dims].

    With the options that docs/litertlm.md names: special tokens, the end of too long a text cut off, unit
    length.

    Raises:
        EngineError: see there.

    """
    with tempfile.TemporaryDirectory() as aside:
        out = Path(aside, "vectors.npy")
        # As the tokenizers of a bundle do before they cut a text.
        given = {"file": str(file), "texts": [clean(text) for text in texts], "out": str(out)}
        _run(file, json.dumps(given), SECONDS_TO_START + SECONDS_A_TEXT * len(texts))
        try:
            vectors = np.load(out)
        except (OSError, ValueError) as error:
            raise EngineError(f"{file}: LiteRT-LM gave no vectors ({error}).") from None
    return np.asarray(vectors, np.float32)


def _run(file: Path, given: str, seconds: int) -> None:
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=given.encode(), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"{file}: LiteRT-LM was not done after {seconds} s.") from None
    if done.returncode < 0:
        raise EngineError(f"{file}: LiteRT-LM died of it (signal {-done.returncode}).")
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise EngineError(f"{file}: LiteRT-LM can't run it ({lines[-1][:300]}).")


def main() -> int:
    """Embed what the JSON of standard input names."""
    import litert_lm
    from litert_lm.embedding_engine import EmbeddingEngine, EmbeddingOptions, InputOverflowStrategy

    given = json.load(sys.stdin)
    litert_lm.set_min_log_severity(litert_lm.LogSeverity.FATAL)
    options = EmbeddingOptions(
        normalize=True, insert_special_tokens=True, input_overflow_strategy=InputOverflowStrategy.TRUNCATE
    )
    # A cache holds packed weights, and is not compared with the model that it is of.
    backend = litert_lm.Backend.CPU(thread_count=1)
    with EmbeddingEngine(given["file"], backend=backend, cache_dir=":nocache") as engine:
        vectors = [engine.compute_embedding(text, options).embedding for text in given["texts"]]
    np.save(given["out"], np.asarray(vectors, np.float32))
    return 0


if __name__ == "__main__":
    sys.exit(main())
