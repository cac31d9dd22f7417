"""A second opinion on rewritten models: their operations in NumPy, every result rounded to the type that its tensor has."""

import math
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as s

KINDS = {
    s.TensorType.FLOAT32: np.float32,
    s.TensorType.FLOAT16: np.float16,
    s.TensorType.INT32: np.int32,
    s.TensorType.INT64: np.int64,
    s.TensorType.INT8: np.int8,
    s.TensorType.BOOL: np.bool_,
}
NAMES = {code: name for name, code in vars(s.BuiltinOperator).items() if isinstance(code, int)}


class Model:
    """A `.tflite` whose signatures run in float64 between the roundings."""

    def __init__(self, file: Path) -> None:
        self.model = s.ModelT.InitFromObj(s.Model.GetRootAs(bytearray(file.read_bytes())))
        self.content = file.read_bytes()

    def graph(self, name: str):
        (found,) = [d for d in self.model.signatureDefs if d.signatureKey == name.encode()]
        return self.model.subgraphs[found.subgraphIndex]

    def kinds(self, name: str) -> set:
        return {KINDS[tensor.type] for tensor in self.graph(name).tensors}

    def run(self, name: str, ids: list[int], length: int) -> np.ndarray:
        graph = self.graph(name)
        values = {}
        for number, tensor in enumerate(graph.tensors):
            stored = self._stored(tensor)
            if stored is not None:
                values[number] = stored
        values[int(graph.inputs[0])] = np.array([ids + [0] * (length - len(ids))], np.int32)
        for operator in graph.operators:
            code = self.model.operatorCodes[operator.opcodeIndex]
            kind = NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
            given = [self._real(graph, n, values) if n >= 0 else None for n in operator.inputs]
            made = RUN[kind](given, operator.builtinOptions)
            (target,) = operator.outputs
            tensor = graph.tensors[target]
            if KINDS[tensor.type] is np.int8:  # rows of a table, in steps
                made = np.rint(made / tensor.quantization.scale[0])
            values[int(target)] = np.asarray(made).astype(KINDS[tensor.type])
        return values[int(graph.outputs[0])][0]

    def _stored(self, tensor):
        buffer = self.model.buffers[tensor.buffer]
        data = None if buffer.data is None else np.asarray(buffer.data, np.uint8).tobytes()
        if not data and buffer.size > 1:
            data = self.content[buffer.offset : buffer.offset + buffer.size]
        if not data:
            return None
        return np.frombuffer(data, KINDS[tensor.type]).reshape([] if tensor.shape is None else tensor.shape)

    def _real(self, graph, number, values):
        tensor, value = graph.tensors[number], values[int(number)]
        if value.dtype == np.int8:
            scale = np.asarray(tensor.quantization.scale, np.float64)
            return value * (scale.reshape(-1, *[1] * (value.ndim - 1)) if len(scale) > 1 else scale[0])
        return value if value.dtype.kind in "ib" else value.astype(np.float64)


def _softmax(given, options):
    x = given[0] * options.beta
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def _gelu(given, options):
    x = given[0]
    if options is not None and options.approximate:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def _product(given, options):
    x, w, *bias = given
    made = x @ w.T
    return made + bias[0] if bias and bias[0] is not None else made


def _batch(given, options):
    a, b = given
    return (np.swapaxes(a, -1, -2) if options.adjX else a) @ (np.swapaxes(b, -1, -2) if options.adjY else b)


def _over(function):
    def run(given, options):
        axes = tuple(int(n) for n in np.atleast_1d(given[1]))
        return function(given[0], axis=axes, keepdims=bool(options and options.keepDims))

    return run


def _slice(given, _):
    x, begin, size = given
    ends = [b + n if n >= 0 else None for b, n in zip(begin, size, strict=True)]
    return x[tuple(slice(int(b), e) for b, e in zip(begin, ends, strict=True))]


RUN = {
    "ADD": lambda g, o: g[0] + g[1],
    "SUB": lambda g, o: g[0] - g[1],
    "MUL": lambda g, o: g[0] * g[1],
    "DIV": lambda g, o: g[0] / g[1],
    "MAXIMUM": lambda g, o: np.maximum(g[0], g[1]),
    "NEG": lambda g, o: -g[0],
    "SQRT": lambda g, o: np.sqrt(g[0]),
    "RSQRT": lambda g, o: 1 / np.sqrt(g[0]),
    "SQUARE": lambda g, o: g[0] ** 2,
    "SQUARED_DIFFERENCE": lambda g, o: (g[0] - g[1]) ** 2,
    "NOT_EQUAL": lambda g, o: g[0] != g[1],
    "CAST": lambda g, o: g[0],
    "DEQUANTIZE": lambda g, o: g[0],
    "EMBEDDING_LOOKUP": lambda g, o: g[1][g[0]],
    "RESHAPE": lambda g, o: g[0].reshape([int(n) for n in g[1]]),
    "TRANSPOSE": lambda g, o: g[0].transpose([int(n) for n in g[1]]),
    "CONCATENATION": lambda g, o: np.concatenate(g, o.axis),
    "BROADCAST_TO": lambda g, o: np.broadcast_to(g[0], [int(n) for n in g[1]]),
    "SLICE": _slice,
    "SOFTMAX": _softmax,
    "GELU": _gelu,
    "FULLY_CONNECTED": _product,
    "BATCH_MATMUL": _batch,
    "MEAN": _over(np.mean),
    "SUM": _over(np.sum),
}
