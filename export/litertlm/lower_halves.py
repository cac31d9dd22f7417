"""Both parts of an encoder -> two `.tflite`, in a process of its own as every conversion is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pocketrag.formats.embedder.embedder_folder import read_embedder

from ..half.exponents import Exponents
from ..model.lower import in_process
from .halves import MASK, ROWS, TEXT, TOKEN, BehindRows, TokenRows

#: The float files within a folder.
TABLE_FILE, TEXT_FILE = "table.tflite", "text.tflite"


def lower_halves(
    folder: Path, lengths: Sequence[int], out: Path, dims: int | None, exponents: Exponents
) -> None:
    """Write `TABLE_FILE` and `TEXT_FILE` in float32 into the folder `out`.

    Args:
        folder: the embedder's.
        lengths: of the signatures.
        out: an empty folder.
        dims: as of `..model.lower`.
        exponents: the powers of two that bring it inside fp16, as its `.tflite` has them.

    Raises:
        InputError: the folder can't be exported, or the converter's process died.

    """
    in_process(__name__, [str(folder), list(lengths), str(out), dims, exponents], out / TEXT_FILE)


def convert(
    folder: str, lengths: Sequence[int], out: str, dims: int | None, exponents: dict[str, list[int]]
) -> int:
    """Do the work of `lower_halves` in this process; return the vectors' dims."""
    import litert_torch
    import torch

    from ..half.fit import rescaled

    encoder = rescaled(read_embedder(Path(folder)), max(lengths), dims, exponents)
    table = TokenRows(encoder).eval()
    converter = litert_torch.Converter()
    converter = converter.signature(TOKEN, table, (torch.zeros((1, 1), dtype=torch.int32),))
    converter.convert().export(str(Path(out, TABLE_FILE)))
    row = table(torch.zeros((1, 1), dtype=torch.int32))
    text = BehindRows(encoder).eval()
    converter = litert_torch.Converter()
    for length in sorted(lengths, reverse=True):
        given = {ROWS: row.expand(1, length, -1).contiguous(), MASK: torch.ones((1, length))}
        converter = converter.signature(TEXT.format(length=length), text, sample_kwargs=given)
    converter.convert().export(str(Path(out, TEXT_FILE)))
    with torch.no_grad():
        return int(text(**given).shape[1])
