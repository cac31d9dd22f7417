"""Runs inside the emulated machine: token ids in, vectors out.

Alone in its Python: it may import nothing of pocketrag.

python guest.py                         prints versions
python guest.py MODEL JOBS.json OUT.npy runs the model; JOBS: [[token id, …], …], padded; OUT: float32
[jobs, dims]
python guest.py MODEL JOBS.json OUT.npy half  the same in fp16

A line of standard output a job, so that the host sees it go on; the first is JSON of the versions.
"""

import json
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_edge_litert.tensor_buffer import TensorBuffer

#: The exit code of "LiteRT refuses this model", which is not a crash.
REFUSED = 3
#: XNNPACK's name for weights packed once in memory (pocketrag/runtime/litert.py).
PACKED_ONCE = ":memory"
#: XNNPACK's own flags in LiteRT, signed and unsigned 8 bits and dynamic quantization, and FORCE_FP16 beside
#: them (`xnnpack_delegate.h` of LiteRT 2.3).
HALF = 0x1 | 0x2 | 0x8 | 0x4
#: A signature's inputs and outputs by name, and the width of its vectors.
Bound = tuple[dict[str, "TensorBuffer"], dict[str, "TensorBuffer"], int]


def versions(runtime: str = "") -> str:
    """Return what runs here, as one line of JSON."""
    from ai_edge_litert import compiled_model, interpreter  # noqa: F401 - that they load is what a setup proves

    values = {
        "litert": version("ai-edge-litert"),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "runtime": runtime,
    }
    return json.dumps(values)


def compiled(model: str, half: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """Open a model as the phone does, with CompiledModel on one thread.

    Ids int32 [1, L] -> float32 [dims].
    """
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.options import CpuOptions, Options

    # In fp16 each length packs its weights: with a cache XNNPACK (LiteRT 2.3) ends the process, since it does
    # not know the constants that it has made fp16 itself.
    asked = {"xnnpack_flags": HALF} if half else {"xnnpack_weight_cache_path": PACKED_ONCE}
    options = Options(cpu_options=CpuOptions(num_threads=1, **asked))
    opened = CompiledModel.from_file(model, options=options)
    signatures = opened.get_signature_list()
    buffers: dict[str, Bound] = {}

    def bind(name: str) -> Bound:
        keys = signatures[name]
        given = {key: opened.create_input_buffer_by_name(name, key) for key in keys["inputs"]}
        taken = {key: opened.create_output_buffer_by_name(name, key) for key in keys["outputs"]}
        return given, taken, int(opened.get_output_tensor_details(name)[keys["outputs"][0]]["shape"][-1])

    def run(ids: np.ndarray) -> np.ndarray:
        name = f"embed_{ids.shape[1]}"
        if name not in buffers:
            buffers[name] = bind(name)
        given, taken, dims = buffers[name]
        next(iter(given.values())).write(ids)
        opened.run_by_name(name, given, taken)
        return np.asarray(next(iter(taken.values())).read(dims, np.float32))

    return run


def classic(model: str) -> Callable[[np.ndarray], np.ndarray]:
    """Open a model with the classic Interpreter on one thread, which checks the file.

    Ids int32 [1, L] -> float32 [dims].
    """
    from ai_edge_litert.interpreter import Interpreter

    opened = Interpreter(model, num_threads=1)

    def run(ids: np.ndarray) -> np.ndarray:
        runner = opened.get_signature_runner(f"embed_{ids.shape[1]}")
        (given,) = runner.get_input_details()
        return np.asarray(next(iter(runner(**{given: ids}).values()))[0])

    return run


def opened(model: str, half: bool = False) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """Return the runtime's name and the model.

    CompiledModel where this LiteRT has it with these options, else the Interpreter; in fp16 CompiledModel
    alone, which knows flags.
    """
    checked = classic(model)
    if half:
        return "CompiledModel", compiled(model, half=True)
    try:
        return "CompiledModel", compiled(model)
    except (ImportError, AttributeError, TypeError):
        return "Interpreter", checked


def say(line: str) -> None:
    """Tell the host at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(model: str, jobs: str, out: str, arithmetic: str = "") -> int:
    """Run all jobs; return the exit code."""
    try:
        runtime, run = opened(model, arithmetic == "half")
    except (ValueError, RuntimeError, ImportError, AttributeError, TypeError) as error:
        sys.stderr.write(f"\nrefused: {str(error)[:300]}\n")
        return REFUSED
    say(versions(runtime))
    vectors = []
    for ids in json.loads(Path(jobs).read_text()):
        vectors.append(run(np.array([ids], np.int32)).copy())
        say("done")
    np.save(out, np.array(vectors, np.float32))
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 1:
        say(versions())
    else:
        sys.exit(main(*sys.argv[1:]))
