"""What computes on a phone: its CPU, its GPU or its NPU, and how a benchmark_model is told so."""

from __future__ import annotations

from typing import Final

from pocketrag.formats.facts.phone.device import Accelerator

from .adb import DeviceError
from .benchmark_model import Abilities

CPU: Final = "cpu"
CPU_HALF: Final = "cpu-fp16"
GPU: Final = "gpu"
GPU_HALF: Final = "gpu-fp16"
NPU: Final = "npu"
#: What computes on the phone's GPU, whose driver holds memory of its own.
GPUS = frozenset({GPU, GPU_HALF})
#: A row: flags that a benchmark_model must have, and what is asked of it.
Asked = tuple[frozenset[str], tuple[str, ...]]


def _interpreter(loss: str) -> Asked:
    # tflite/tools/delegates/README.md and benchmark/README.md in google-ai-edge/LiteRT.
    return (
        frozenset({"use_gpu", "gpu_precision_loss_allowed", "require_full_delegation"}),
        ("--use_gpu=true", f"--gpu_precision_loss_allowed={loss}", "--require_full_delegation=true"),
    )


def _compiled(half: str) -> Asked:
    # litert/tools/benchmark_litert_model.h in google-ai-edge/LiteRT.
    return (
        frozenset({"use_gpu", "use_cpu", "allow_fp16", "require_full_delegation"}),
        ("--use_gpu=true", "--use_cpu=false", f"--allow_fp16={half}", "--require_full_delegation=true"),
    )


#: What is asked for an accelerator, by kind of benchmark_model: a GPU always computes the whole model.
ROWS: dict[str, tuple[Asked, ...]] = {
    CPU: ((frozenset(), ()),),
    CPU_HALF: ((frozenset({"xnnpack_force_fp16"}), ("--xnnpack_force_fp16=true",)),),
    GPU: (_interpreter("false"), _compiled("false")),
    GPU_HALF: (_interpreter("true"), _compiled("true")),
    NPU: (),
}
#: What is said of one for which no row fits.
UNASKABLE = {
    CPU_HALF: "this benchmark_model can't be told to compute in float16: its help lists no "
    "--xnnpack_force_fp16",
    GPU: "this benchmark_model can't be told to run the whole model on the GPU in float32 (its help lists no "
    "--use_gpu, --require_full_delegation and what forbids float16)",
    GPU_HALF: "this benchmark_model can't be told to run the whole model on the GPU in float16 (its help "
    "lists no --use_gpu, --require_full_delegation and what allows float16)",
    NPU: "an NPU's libraries come with an app, and with no benchmark_model: time searches in the app, where "
    "`answer.accelerator` says that the NPU computed (docs/npu.md)",
}


def flags(accelerator: Accelerator, able: Abilities) -> tuple[str, ...]:
    """Return what is added to a command line for an accelerator; nothing for the CPU.

    Raises:
        DeviceError: this benchmark_model can't be told, or none can measure it.

    """
    for needed, asked in ROWS[accelerator]:
        if needed <= able.flags:
            return asked
    raise DeviceError("answer", UNASKABLE[accelerator])
