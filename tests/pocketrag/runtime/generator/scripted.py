"""An engine that writes what a test says, and a generator's folder whose model is none."""

import hashlib
import json
from pathlib import Path

from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.engine import GenerationError


class Scripted:
    """Writes `parts`, then fails with `failing`; remembers its prompts."""

    def __init__(self, *parts: str, failing: str | None = None, interrupted: bool = False) -> None:
        self.parts, self.failing, self.interrupted = parts, failing, interrupted
        self.prompts: list[list[dict[str, str]]] = []
        self.ended, self.closed = 0, False

    def generate(self, messages):
        self.prompts.append(list(messages))
        try:
            yield from self.parts
            if self.failing:
                raise GenerationError(self.failing)
            if self.interrupted:
                raise KeyboardInterrupt
        finally:
            self.ended += 1

    def count(self, text: str) -> int:
        return len(text.split())

    def close(self) -> None:
        self.closed = True


def packed(folder: Path, model: bytes = b"no model", **more) -> Path:
    """Write a generator's folder."""
    folder.mkdir(parents=True)
    (folder / "generator.litertlm").write_bytes(model)
    spec = {
        "contract": 1,
        "name": "tiny",
        "version": "1.0.0",
        "base": "tiny-base",
        "revision": None,
        "licence": "apache-2.0",
        "quantization": "float32",
        "file": {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()},
        "prompt": GeneratorPrompt().model_dump(),
        "budget": 300,
        "answer_tokens": 32,
        "max_tokens": 1024,
        "start": {"id": None, "prepended": False},
        "stop": [2],
    }
    (folder / "generator.json").write_text(json.dumps({**spec, **more}), "utf-8")
    return folder
