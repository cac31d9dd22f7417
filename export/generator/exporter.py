"""A Hugging Face folder -> a float `.tflite` with signatures `prefill_N` and `decode`, by litert-torch."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

from pocketrag.errors import PocketragError

#: Tokens that the prompt is read in at a time, LiteRT-LM's own default.
PREFILL = 128
FLOAT = "model.tflite"
#: litert-torch 0.10.0 imports tensorflow for one generated schema, which ai-edge-litert has as well.
TENSORFLOW = ("tensorflow", "tensorflow.lite", "tensorflow.lite.python")
SCHEMA = "schema_py_generated"


def export_float(model: Path, work: Path, max_tokens: int) -> Path:
    """Write the float32 `.tflite` of a checked folder into `work`, and return it.

    In a process of its own with a fixed hash seed: the exporter numbers tensors in the order of sets of
    names, which is another one in each process.

    Args:
        model: a causal language model: safetensors, `config.json`, tokenizer.
        work: a folder; what the exporter leaves there besides is not needed.
        max_tokens: length of the cache: prompt and answer together.

    Raises:
        PocketragError: the exporter failed; what it said stands above.

    """
    command = [sys.executable, "-m", "pocketrag.export.generator.exporter"]
    command += [str(model), str(work), str(max_tokens)]
    # Its reports are for people; `--json` must stay alone on standard output.
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, stdout=2, check=False)  # noqa: S603
    if done.returncode:
        raise PocketragError(f"{model}: litert-torch could not export it; its own messages stand above.")
    return work / FLOAT


def _export(model: str, work: str, max_tokens: int) -> None:
    with tensorflow_schema():
        from litert_torch.generative.export_hf import export

    export.export(
        model=model,
        output_dir=work,
        trust_remote_code=False,
        keep_temporary_files=True,
        bundle_litert_lm=False,
        prefill_lengths=[PREFILL],
        cache_length=max_tokens,
        # None would be int8; we quantize ourselves, from the same float file.
        quantization_recipe="",
    )


@contextlib.contextmanager
def tensorflow_schema() -> Iterator[None]:
    """Let `tensorflow.lite.python.schema_py_generated` be imported without tensorflow, for a while.

    Where tensorflow is installed, or was imported before, nothing is put in its place.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    import torch._dynamo  # noqa: F401 - it looks for the specs of modules that are there, and must not see ours
    from ai_edge_litert import schema_py_generated

    for name in TENSORFLOW:
        module = types.ModuleType(name)
        module.__spec__, module.__path__ = ModuleSpec(name, None), []
        sys.modules[name] = module
    setattr(sys.modules[TENSORFLOW[-1]], SCHEMA, schema_py_generated)
    try:
        yield
    finally:
        for name in TENSORFLOW:
            del sys.modules[name]


if __name__ == "__main__":
    _export(sys.argv[1], sys.argv[2], int(sys.argv[3]))
