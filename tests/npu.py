"""What tests of NPU files share. Where nothing can be compiled they skip, and say why."""

import json
from pathlib import Path

import numpy as np
import pytest

from pocketrag.formats import files
from pocketrag.formats.npu import SPEC, SUMS
from pocketrag.runtime.npu.emulate import obstacle

needs_npu = pytest.mark.skipif(obstacle() is not None, reason=f"NPU: {obstacle()}")
#: The system that CI compiles for.
SOC = "SM8750"


def with_npu(recipe: Path, *socs: str, more: str = "") -> Path:
    """Let a tiny recipe ask for NPU files."""
    text = recipe.read_text()
    assert "lengths = [16, 32]\n" in text
    keys = f"lengths = [16, 32]\nnpu = {json.dumps(socs or [SOC])}\n{more}"
    recipe.write_text(text.replace("lengths = [16, 32]\n", keys))
    return recipe


def reseal(folder: Path, **changed: object) -> Path:
    """Change keys of `npu.json`, and make digests and sizes fit: whole, but not what was compiled."""
    spec = {**json.loads((folder / SPEC).read_text()), **changed}
    for row in spec["files"].values():
        file = folder / row["file"]
        row.update(bytes=file.stat().st_size, sha256=files.sha256(file))
    (folder / SPEC).write_text(files.to_json(spec))
    names = [path.name for path in folder.iterdir() if path.name != SUMS]
    (folder / SUMS).write_text(files.sums_text({name: files.sha256(folder / name) for name in names}))
    return folder


def enlarged(source: Path, target: Path, exponent: int) -> Path:
    """Write a float BERT whose embeddings are 2^exponent times as large; the LayerNorm behind them forgets it."""
    from ai_edge_litert.schema_py_generated import BuiltinOperator as Codes
    from pocketrag.export.npu.graph import constant, load, operation, save

    model = load(source)
    buffers = set()
    for graph in model.subgraphs:
        (lookup,) = [op for op in graph.operators if operation(model, op) == Codes.EMBEDDING_LOOKUP]
        table = graph.tensors[lookup.inputs[1]]
        added = [
            graph.tensors[n] for op in graph.operators if operation(model, op) == Codes.ADD for n in op.inputs
        ]
        wide = [t for t in added if len(t.shape) > 1 and constant(model, t, np.float32) is not None]
        buffers |= {table.buffer, wide[0].buffer}
    for number in buffers:
        values = np.frombuffer(np.asarray(model.buffers[number].data, np.uint8).tobytes(), np.float32)
        model.buffers[number].data = np.frombuffer((values * np.float32(2**exponent)).tobytes(), np.uint8)
    save(model, target)
    return target
