"""What computes on a phone: its CPU, its GPU or its NPU, and how a benchmark_model is told so."""

from __future__ import annotations

from typing import Final

from pocketrag.formats.facts.phone.device import Accelerator

from .adb import DeviceError
from .benchmark_model import Abilities

CPU: Final = "cpu"
GPU: Final = "gpu"
NPU: Final = "npu"
#: Flags that a benchmark_model must have -> what is asked of it: the GPU in float32 and for the whole model,
#: as the app asks. First the Interpreter's (tflite/tools/delegates/README.md, benchmark/README.md), then
#: CompiledModel's (litert/tools/benchmark_litert_model.h), both in google-ai-edge/LiteRT.
ON_GPU: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (
        frozenset({"use_gpu", "gpu_precision_loss_allowed", "require_full_delegation"}),
        ("--use_gpu=true", "--gpu_precision_loss_allowed=false", "--require_full_delegation=true"),
    ),
    (
        frozenset({"use_gpu", "use_cpu", "allow_fp16", "require_full_delegation"}),
        ("--use_gpu=true", "--use_cpu=false", "--allow_fp16=false", "--require_full_delegation=true"),
    ),
)


def flags(accelerator: Accelerator, able: Abilities) -> tuple[str, ...]:
    """Return what is added to a command line for an accelerator; nothing for the CPU.

    Raises:
        DeviceError: this benchmark_model can't be told, or none can measure it.

    """
    if accelerator == CPU:
        return ()
    if accelerator == NPU:
        raise DeviceError(
            "answer",
            "an NPU's libraries come with an app, and with no benchmark_model: time searches in the app, "
            "where `answer.accelerator` says that the NPU computed (docs/npu.md)",
        )
    for needed, asked in ON_GPU:
        if needed <= able.flags:
            return asked
    raise DeviceError(
        "answer",
        "this benchmark_model can't be told to run the whole model on the GPU in float32 (its help lists no "
        "--use_gpu, --require_full_delegation and what forbids float16)",
    )
