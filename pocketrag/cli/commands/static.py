"""`pocketrag static`: any model's tokens as a table of vectors, for Model2Vec and for the app."""

from __future__ import annotations

import time
from importlib import metadata
from pathlib import Path
from typing import Any

from pocketrag import __version__
from pocketrag.errors import InputError
from pocketrag.export.static.app_model import LENGTHS, AppModel, write_app_model
from pocketrag.formats import files
from pocketrag.formats.data import beir
from pocketrag.formats.embedder.embedder_folder import commit, fingerprint, locate
from pocketrag.formats.facts.static import AppFacts, StaticFacts
from pocketrag.formats.layout import MODEL
from pocketrag.training.static.distil import Distilled, distil

#: What says how a folder was made; everything else in it is listed there with its digest.
METADATA = "metadata.json"
#: Packages that decide what the vectors are.
PACKAGES = ("numpy", "safetensors", "sentence-transformers", "tokenizers", "torch", "transformers")


def static(
    model: str,
    *,
    out: str | None = None,
    dims: int | None = None,
    corpus: str | None = None,
    sif: float | None = None,
) -> StaticFacts:
    """Write a Model2Vec folder of any embedder or language model, and the `.tflite` of it.

    Args:
        model: a folder or a hub id; only safetensors are loaded, and no code of the model's own.
        out: the folder to write; it must not exist.
        dims: width of the vectors; by default 256 for an embedder and 1024 for another model, or its own
            where that is less.
        corpus: passages, BEIR layout, in which token frequencies are counted; without them Zipf's law gives
            the frequencies.
        sif: constant of the weights; by default 1e-3 with a corpus and 1e-4 without.

    Raises:
        InputError: `out` is missing or exists, the model is not whole, too large for the memory that is free,
            or does not have so many dims.
        GateError: the `.tflite` does not compute what the table says.

    """
    started = time.monotonic()
    target = _free(out)
    folder = locate(model)
    texts = None if corpus is None else [f"{p.title} {p.text}" for p in beir.read_corpus(Path(corpus))]
    # A folder's own name: where it lies is nobody's business.
    name = folder.resolve().name if Path(model).is_dir() else model
    with files.new_folder(target) as folder_out:
        made = distil(folder, folder_out, name, dims, texts, sif)
        app = write_app_model(folder_out, folder)
        said = _metadata(folder, name, made, corpus)
        said["files"] = files.digests(folder_out)
        (folder_out / METADATA).write_text(files.to_json(said), "utf-8")
    return _facts(target, name, made, app, time.monotonic() - started)


def _free(out: str | None) -> Path:
    if out is None:
        raise InputError("static: where to? Name a folder: --out DIR.")
    if Path(out).exists():
        raise InputError(f"--out {out}: exists. Remove it, or name another folder.")
    return Path(out)


def _metadata(folder: Path, name: str, made: Distilled, corpus: str | None) -> dict[str, Any]:
    described = made.described
    return {
        "made_by": f"pocketrag {__version__}",
        "model": {
            "name": name,
            "commit": commit(folder),
            "kind": described.kind,
            "family": described.family,
            "weights": described.weights,
            "sha256": fingerprint(folder),
        },
        "vectors": {
            "tokens": described.tokens,
            "embedded": len(described.embedded),
            "before": described.before,
            "after": described.after,
            "loaded_as": made.memory.dtype,
            "hidden": described.hidden,
            "dims": made.dims,
            "explained": round(made.explained, 6),
        },
        "weights": {
            "sif": made.sif,
            "frequencies": _frequencies(made),
            "corpus": None if corpus is None else files.sha256(Path(corpus)),
        },
        "packages": {package: metadata.version(package) for package in PACKAGES},
    }


def _frequencies(made: Distilled) -> str:
    return "corpus" if made.counted else "zipf"


def _facts(target: Path, name: str, made: Distilled, app: AppModel, seconds: float) -> StaticFacts:
    sizes = {file: (target / file).stat().st_size for file in files.digests(target)}
    described = made.described
    return StaticFacts.model_validate(
        {
            "out": str(target),
            "model": name,
            "kind": described.kind,
            "family": described.family,
            "tokens": described.tokens,
            "embedded": len(described.embedded),
            "hidden": described.hidden,
            "dims": made.dims,
            "explained": round(made.explained, 6),
            "frequencies": _frequencies(made),
            "sif": made.sif,
            "loaded_as": made.memory.dtype,
            "peak_bytes": made.memory.bytes,
            "seconds": round(seconds, 1),
            "files": sizes,
            "app": None
            if app.refused
            else AppFacts(
                bytes=sizes[MODEL], dims=made.dims, lengths=LENGTHS, least_cosine=app.least_cosine, n=app.n
            ),
            "no_app": app.refused,
        }
    )
