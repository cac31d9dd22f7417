"""A Model2Vec folder as the app takes an encoder: `embedder.tflite`, `embedder.json` and the tokenizer.

The table is stored in int8, a scale a row; everything else stays in float32.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.formats import files
from pocketrag.formats.embedder.app_tokenizer import lacks
from pocketrag.formats.embedder.capabilities import FILES
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.static import AppFacts
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import TokenizerSpec
from pocketrag.reference.int8_rows import quantize_rows
from pocketrag.reference.model2vec import StaticModel
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder

from ..sample_texts import SCRIPTS
from .lower_table import lower_table

#: Tokens of the signatures; a table takes any number.
LENGTHS = (32, 64, 128, 256)
#: What int8 may cost: a row's error is at most 1/254 of its largest entry, and a text's is less.
LEAST_COSINE = 0.999
#: Random token lists that the proof embeds beside texts in many scripts.
ROWS, SEED = 64, 17


def write_app_model(folder: Path, source: Path) -> AppFacts | str:
    """Add the app's files to a Model2Vec folder that was made of the model in `source`; say why not else.

    Raises:
        InputError: the converter failed.
        GateError: the `.tflite` does not compute what the table says.

    """
    tokenizer = _tokenizer(folder, source)
    if isinstance(tokenizer, str):
        return tokenizer
    model = StaticModel(folder)
    # A table has no mask: what texts are padded with must count for nothing.
    nothing = np.flatnonzero(~model.table[model.rows].any(axis=1))
    if not len(nothing):
        return "every token has a vector here, and texts are padded with one that has none"
    tokenizer = tokenizer.model_copy(update={"pad": int(nothing[0])})
    status(f"converting {len(LENGTHS)} lengths; the table is stored once")
    with tempfile.TemporaryDirectory() as beside:
        levels, scales = quantize_rows(model.table)
        stored = Path(beside, "levels.npz")
        np.savez(stored, levels=levels, scales=scales)
        lower_table(stored, LENGTHS, folder / MODEL)
    spec = EmbedderSpec(
        dims=model.dims, lengths=LENGTHS, quantization="int8", prompts=Prompts(), tokenizer=tokenizer
    )
    (folder / SPEC).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")
    least, n = _proved(model, LiteRtEmbedder(folder, spec))
    size = (folder / MODEL).stat().st_size
    return AppFacts(bytes=size, dims=model.dims, lengths=LENGTHS, least_cosine=least, n=n)


def _tokenizer(folder: Path, source: Path) -> TokenizerSpec | str:
    lacking = lacks(folder / FILES["tokenizer.json"], "tokenizer.json")
    if not lacking:
        return TokenizerSpec(kind="tokenizer.json", file=FILES["tokenizer.json"])
    pieces = source / FILES["sentencepiece"]
    if not pieces.is_file():
        return f"the app's runtime lacks {', '.join(lacking)}"
    if lacking := lacks(pieces, "sentencepiece"):
        return f"the app's runtime lacks {', '.join(lacking)}"
    config = files.read_json(source / "config.json")
    shutil.copyfile(pieces, folder / pieces.name)
    return TokenizerSpec(
        kind="sentencepiece", file=pieces.name, bos=config.get("bos_token_id"), eos=config.get("eos_token_id")
    )


def _proved(model: StaticModel, lite: LiteRtEmbedder) -> tuple[float, int]:
    pairs = [*_texts(model, lite), *_rows(model, lite)]
    least = min(ranking.cosine(found, wanted) for found, wanted in pairs)
    lite.close()
    if not least >= LEAST_COSINE:
        raise GateError(
            f"{MODEL}: least cosine to the float32 table {least:.6f} < {LEAST_COSINE}, {len(pairs)} inputs."
        )
    return round(least, 6), len(pairs)


def _texts(model: StaticModel, lite: LiteRtEmbedder) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for text in SCRIPTS:
        wanted = model.encode([text])[0]
        if wanted.any():
            yield lite.embed(text), wanted


def _rows(model: StaticModel, lite: LiteRtEmbedder) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(SEED)
    live = np.flatnonzero(np.abs(model.table).max(1) > 0)
    for n in range(ROWS):
        ids = rng.choice(live, 1 + n * (LENGTHS[-1] - 1) // (ROWS - 1)).tolist()
        yield lite.embed_ids(ids), model.table[ids].astype(np.float64).sum(0)
