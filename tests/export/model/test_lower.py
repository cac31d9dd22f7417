"""The contract of an exported file: with the signatures of our runtime, and for tools that only know subgraph 0."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from pocketrag.formats.manifest import read_manifest
from pocketrag.runtime.litert import Compiled


def facts(details):
    return [(tuple(int(n) for n in d["shape"]), np.dtype(d["dtype"]).name) for d in details]


@pytest.fixture(params=["bert", "gemma"])
def bundle(request, tiny_built, gemma_built):
    return {
        "bert": tiny_built / "out" / "tiny",
        "gemma": gemma_built[0] / "work" / "tiny" / "bundle" / "tiny",
    }[request.param]


def test_names_types_and_shapes(bundle):
    spec = read_manifest(bundle).embedder
    interpreter = Interpreter(str(bundle / "embedder.tflite"))
    signatures = interpreter.get_signature_list()
    assert sorted(signatures) == sorted(f"embed_{length}" for length in spec.lengths)
    for length in spec.lengths:
        assert signatures[f"embed_{length}"] == {"inputs": ["args_0"], "outputs": ["output_0"]}
        runner = interpreter.get_signature_runner(f"embed_{length}")
        assert facts(runner.get_input_details().values()) == [((1, length), "int32")]
        assert facts(runner.get_output_details().values()) == [((1, spec.dims), "float32")]


def test_tools_without_signatures_get_the_longest_length(bundle):
    """AI Edge RAG SDK and MediaPipe allocate and invoke subgraph 0: int32 [1, L] right-padded with 0 -> float32 [1, dims]."""
    spec = read_manifest(bundle).embedder
    interpreter = Interpreter(str(bundle / "embedder.tflite"))
    interpreter.allocate_tensors()
    (given,), (taken,) = interpreter.get_input_details(), interpreter.get_output_details()
    longest = max(spec.lengths)
    assert facts([given, taken]) == [((1, longest), "int32"), ((1, spec.dims), "float32")]
    ids = np.zeros((1, longest), np.int32)
    ids[0, :5] = [2, 7, 8, 9, 3]
    interpreter.set_tensor(given["index"], ids)
    interpreter.invoke()
    found = interpreter.get_tensor(taken["index"])[0]
    assert abs(np.linalg.norm(found) - 1) < 1e-5
    assert (found == Compiled(bundle / "embedder.tflite", spec.lengths, spec.dims, 1)(ids)).all()
