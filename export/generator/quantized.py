"""A float `.tflite` of a language model stored in 8 or 4 bits, so that LiteRT runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pocketrag.errors import GateError
from pocketrag.formats.tflite import LEAST_SCALE, blocks

from ..quantization.quantizer_package import quantizer_module

#: The recipe's word -> the recipe of ai-edge-quantizer: weights by channel, or in blocks of 32 of a row;
#: activations stay float and are quantized as they come.
RECIPES = {"int8": "dynamic_wi8_afp32", "int4": "dynamic_wi4b32_afp32"}


def quantize(source: Path, target: Path, quantization: str) -> int:
    """Write `source` as the recipe says, and return how many all-zero blocks were given another scale.

    Raises:
        GateError: a block's scale is too small for LiteRT, and its weights are not zero.

    """
    if quantization == "float32":
        shutil.copyfile(source, target)
        return 0
    worker = quantizer_module("quantizer").Quantizer(str(source))
    worker.load_quantization_recipe(getattr(quantizer_module("recipe"), RECIPES[quantization])())
    worker.quantize(enable_progress_bar=False, enable_progress_report=False).export_model(
        str(target), overwrite=True
    )
    return mend_scales(target)


def mend_scales(file: Path) -> int:
    """Give all-zero blocks a scale that LiteRT takes: their weights are zero whatever it is.

    Returns:
        how many blocks there were.

    Raises:
        GateError: a block's scale is too small, and its weights are not zero.

    """
    content = bytearray(file.read_bytes())
    mended = 0
    for name, scales, zero in blocks(content):
        small = scales < LEAST_SCALE
        if (lost := small & ~zero).any():
            raise GateError(
                f"{name}: {int(lost.sum())} blocks of weights are too small for int4 in blocks "
                '(scales below 6e-5), and LiteRT would refuse them; set quantization = "int8"'
            )
        scales[small] = LEAST_SCALE
        mended += int(small.sum())
    if mended:
        file.write_bytes(content)
    return mended
