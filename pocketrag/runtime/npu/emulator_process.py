"""`python -m pocketrag.runtime.npu.emulator_process`: the emulator's own process.

Reads JSON on standard input, writes `vectors.npy`, and prints `done` after each text. Each context goes into
an ONNX model of one operation, `EPContext`, whose provider hands it to Qualcomm's library as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .compiled_file import Compiled, CompiledFile, Port, read_compiled

PROVIDER = "QNNExecutionProvider"
#: What the model of one operation is written in.
OPSET, FORMAT = 17, 10
#: Only what ends the run is said.
ERRORS = 3


def main() -> None:
    """Embed what is asked, in its order."""
    given = json.load(sys.stdin)
    out = Path(given["out"])
    compiled = read_compiled(Path(given["file"]))
    runs: dict[int, Callable[[np.ndarray], np.ndarray]] = {}
    vectors = []
    for ids in given["texts"]:
        length = len(ids)
        if length not in runs:
            runs[length] = _session(compiled, f"embed_{length}", out)
        vectors.append(runs[length](np.array([ids], np.int32)))
        sys.stdout.write("done\n")
        sys.stdout.flush()
    np.save(out / "vectors.npy", np.stack(vectors).astype(np.float32))


def _session(compiled: CompiledFile, name: str, out: Path) -> Callable[[np.ndarray], np.ndarray]:
    import onnxruntime

    signature = next(one for one in compiled.signatures if one.name == name)
    (given,), (made,) = signature.given, signature.made
    (out / f"{name}.bin").write_bytes(compiled.context(signature))
    file = out / f"{name}.onnx"
    _write(signature, file)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    devices, settings = _provider()
    options.add_provider_for_devices(devices, settings)
    session = onnxruntime.InferenceSession(str(file), options)
    return lambda ids: np.asarray(session.run([made.name], {given.name: ids})[0])[0]


def _write(signature: Compiled, file: Path) -> None:
    import onnx
    from onnx import helper

    node = helper.make_node(
        "EPContext",
        name=signature.graph,
        inputs=[port.name for port in signature.given],
        outputs=[port.name for port in signature.made],
        ep_cache_context=f"{signature.name}.bin",
        embed_mode=0,
        main_context=1,
        source="QNN",
        partition_name=signature.graph,
        domain="com.microsoft",
    )
    graph = helper.make_graph([node], "npu", _ports(signature.given), _ports(signature.made))
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=sets)
    model.ir_version = FORMAT
    onnx.save(model, str(file))


def _ports(ports: tuple[Port, ...]) -> list[Any]:
    from onnx import TensorProto, helper

    kinds = {"int32": TensorProto.INT32, "float32": TensorProto.FLOAT}
    return [helper.make_tensor_value_info(port.name, kinds[port.kind], port.shape) for port in ports]


@cache
def _provider() -> tuple[list[Any], dict[str, str]]:
    import onnxruntime
    import onnxruntime_qnn

    onnxruntime.register_execution_provider_library(PROVIDER, onnxruntime_qnn.get_library_path())
    devices = [device for device in onnxruntime.get_ep_devices() if device.ep_name == PROVIDER]
    return devices, {"backend_path": onnxruntime_qnn.get_qnn_htp_path()}


if __name__ == "__main__":
    main()
