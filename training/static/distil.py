"""A model's tokens as a Model2Vec folder: vectors, principal components, weights, files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.static import TableFacts
from pocketrag.reference.model2vec import CONFIG, KIND, TOKENIZER, WEIGHTS

from . import frequency
from .memory import plan
from .principal import reduce
from .token_model import Described, describe
from .token_vectors import token_vectors

#: Dimensions by default: Model2Vec's of an embedder; of other models more, since nothing ever gathered their
#: meaning in a few directions.
DIMS = {"embedder": 256, "model": 1024}
#: Model2Vec's constant for Zipf's law, and the one of the paper for counted frequencies.
SIF_RANK, SIF_CORPUS = 1e-4, 1e-3


def distil(
    folder: Path, out: Path, name: str, dims: int | None, texts: Iterable[str] | None, sif: float | None
) -> TableFacts:
    """Write the Model2Vec folder `out` of the model in `folder`.

    Args:
        folder: an embedder or any other transformer.
        out: an empty folder.
        name: how the model is called in what is written.
        dims: width of the vectors; by default `DIMS`, or the model's where that is less.
        texts: what token frequencies are counted in.
        sif: the constant of the weights.

    Raises:
        InputError: the folder is not a whole model, `dims` or `sif` do not fit it, or memory is too small.

    """
    described = describe(folder)
    dims = _fitting(described, dims)
    sif = _constant(sif, texts is not None)
    memory = plan(described, dims)
    status(
        f"{len(described.embedded):,} of {described.tokens:,} tokens; about {memory.bytes / 1e9:.1f} GB of "
        f"memory at the peak, {memory.available / 1e9:.1f} GB are free"
    )
    vectors = token_vectors(described, memory.dtype)
    rows = np.array(described.embedded)
    table, explained = reduce(vectors, rows, _narrow(dims, vectors.shape[1]))
    counts = (
        frequency.by_rank(described.tokens)
        if texts is None
        else frequency.by_corpus(described.tokenizer, texts, described.tokens)
    )
    table *= frequency.weights(counts, sif)[:, None]
    _write(out, described, table, sif, name)
    return TableFacts(
        kind=described.kind,
        family=described.family,
        weights=described.weights,
        tokens=described.tokens,
        embedded=len(described.embedded),
        before=described.before,
        after=described.after,
        hidden=described.hidden,
        dims=int(table.shape[1]),
        explained=round(explained, 6),
        frequencies="zipf" if texts is None else "corpus",
        sif=sif,
        loaded_as=memory.dtype,
        peak_bytes=memory.bytes,
    )


def _fitting(described: Described, dims: int | None) -> int:
    most = min(described.hidden, len(described.embedded) - 1)
    if dims is None:
        return min(DIMS[described.kind], most)
    return _narrow(dims, most)


def _narrow(dims: int, most: int) -> int:
    if not 1 <= dims <= most:
        raise InputError(
            f"--dims {dims}: must be 1 to {most}, which is what the model's vectors and tokens allow."
        )
    return dims


def _constant(sif: float | None, counted: bool) -> float:
    if sif is None:
        return SIF_CORPUS if counted else SIF_RANK
    if not 0 < sif < 1:
        raise InputError(f"--sif {sif:g}: must lie between 0 and 1; 1e-3 and 1e-4 are usual.")
    return sif


def _write(out: Path, described: Described, table: np.ndarray, sif: float, name: str) -> None:
    from safetensors.numpy import save_file

    save_file({"embeddings": np.ascontiguousarray(table)}, out / WEIGHTS)
    described.tokenizer.save(str(out / TOKENIZER), pretty=False)
    config: dict[str, Any] = {
        "model_type": KIND,
        "architectures": ["StaticModel"],
        "tokenizer_name": name,
        "apply_pca": int(table.shape[1]),
        "sif_coefficient": sif,
        "hidden_dim": int(table.shape[1]),
        # Nothing limits a text: a mean has no positions.
        "seq_length": 1_000_000,
        "max_length": None,
        "normalize": True,
        "pooling": "mean",
        "embedding_dtype": "float32",
    }
    (out / CONFIG).write_text(files.to_json(config), "utf-8")
    (out / "modules.json").write_text(files.to_json(_modules()), "utf-8")
    (out / "1_Normalize").mkdir()
    (out / "1_Normalize" / CONFIG).write_text("{}\n", "utf-8")
    (out / "README.md").write_text(_card(name, described, table), "utf-8")


def _modules() -> list[dict[str, Any]]:
    # So that SentenceTransformer opens the folder as well.
    kinds = (("StaticEmbedding", "."), ("Normalize", "1_Normalize"))
    return [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, path) in enumerate(kinds)
    ]


def _card(name: str, described: Described, table: np.ndarray) -> str:
    head = f"---\nlibrary_name: model2vec\nbase_model: {name}\ntags: [embeddings, static-embeddings]\n---\n"
    return (
        f"{head}# Static vectors of {name}\n"
        f"One vector of {table.shape[1]} numbers for each of {len(described.embedded):,} tokens of {name}, "
        "made by `pocketrag static`; a text's vector is the mean of its tokens', at unit length. "
        f"`metadata.json` says how it was made. The licence is that of {name}.\n\n"
        "```python\nfrom model2vec import StaticModel\n\n"
        'model = StaticModel.from_pretrained("this folder")\nvectors = model.encode(["a text"])\n```\n'
    )
