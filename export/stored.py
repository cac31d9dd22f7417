"""What a `.tflite` stores: how many weights of which type, read from the file itself."""

from __future__ import annotations

from collections import Counter
from math import prod
from pathlib import Path

#: Smaller constants are shapes, scales, biases and norms; the kernels want those in float32.
SMALLEST = 1024


def weights_by_type(file: Path) -> dict[str, int]:
    """Return type name -> number of stored weights, over constants of two or more axes; each buffer counts once."""
    from ai_edge_litert import schema_py_generated as schema

    names = {value: name for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    model = schema.Model.GetRootAs(file.read_bytes(), 0)
    seen: dict[int, tuple[str, int]] = {}
    for graph in (model.Subgraphs(i) for i in range(model.SubgraphsLength())):
        for tensor in (graph.Tensors(i) for i in range(graph.TensorsLength())):
            shape = [tensor.Shape(i) for i in range(tensor.ShapeLength())]
            buffer = model.Buffers(tensor.Buffer())
            stored = buffer.DataLength() > 0 or buffer.Size() > 1
            if stored and len(shape) > 1 and prod(shape) >= SMALLEST:
                seen[tensor.Buffer()] = (names[tensor.Type()].lower(), prod(shape))
    counts: Counter[str] = Counter()
    for name, elements in seen.values():
        counts[name] += elements
    return dict(counts.most_common())
