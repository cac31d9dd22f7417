"""`pocketrag static`: any model's tokens as a table of vectors, for Model2Vec and for the app."""

from __future__ import annotations

import time
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from pocketrag import __version__
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.data import beir
from pocketrag.formats.embedder.embedder_folder import commit, fingerprint, locate
from pocketrag.formats.facts.static import AppFacts, StaticFacts, TableFacts

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
        made: TableFacts = import_module("pocketrag.training.static.distil").distil(
            folder, folder_out, name, dims, texts, sif
        )
        app: AppFacts | str = import_module("pocketrag.export.static.app_model").write_app_model(
            folder_out, folder
        )
        said = _metadata(folder, name, made, corpus)
        said["files"] = files.digests(folder_out)
        (folder_out / METADATA).write_text(files.to_json(said), "utf-8")
    return made.into(
        StaticFacts,
        out=str(target),
        model=name,
        seconds=round(time.monotonic() - started, 1),
        files={file: (target / file).stat().st_size for file in files.digests(target)},
        app=None if isinstance(app, str) else app,
        no_app=app if isinstance(app, str) else None,
    )


def _free(out: str | None) -> Path:
    if out is None:
        raise InputError("static: where to? Name a folder: --out DIR.")
    if Path(out).exists():
        raise InputError(f"--out {out}: exists. Remove it, or name another folder.")
    return Path(out)


def _metadata(folder: Path, name: str, made: TableFacts, corpus: str | None) -> dict[str, Any]:
    # What an estimate said of this machine is not part of what was made.
    table = {key: value for key, value in made.as_json().items() if key != "peak_bytes"}
    return {
        "made_by": f"pocketrag {__version__}",
        "model": {"name": name, "commit": commit(folder), "sha256": fingerprint(folder)},
        "corpus": None if corpus is None else files.sha256(Path(corpus)),
        "table": table,
        "packages": {package: metadata.version(package) for package in PACKAGES},
    }
