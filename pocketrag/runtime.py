"""Open a bundle and search it as the phone does: LiteRT, SQLite and the tokenizer, never torch.

with pocketrag.runtime.open_bundle("android_assets/demo") as rag:
for hit in rag.search("Who may stop the clocks?"):
print(hit.score, hit.title)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import files, ranking
from pocketrag.database import DATABASE, Database
from pocketrag.errors import InputError
from pocketrag.identity import model_id_of
from pocketrag.litert import MODEL, EmbedderSpec, LiteRtEmbedder
from pocketrag.manifest import Fusion, Manifest, read_manifest
from pocketrag.recipe import Mode


@dataclass(frozen=True)
class Hit:
    """One passage found."""

    rank: int
    id: str
    score: float
    """Cosine (dense), BM25 score, or the fused score in [0, 1] (hybrid)."""
    title: str
    text: str
    source: str | None
    page: int | None
    metadata: dict[str, Any]


class Rag:
    """An embedder and a database that belong together."""

    def __init__(self, folder: Path, spec: EmbedderSpec, database: Path, fusion: Fusion, model_id: str) -> None:
        """Open both.

        Raises:
            InputError: one can't be opened, or the database was made by another model.

        """
        self.database = Database(database)
        if self.database.model_id != model_id:
            raise InputError(
                f"{database}: made by the model {self.database.model_id!r}, but this is {model_id!r}. Build both together."
            )
        self.embedder = LiteRtEmbedder(folder, spec)
        self.fusion = fusion

    def search(self, question: str, limit: int = 10, mode: Mode | None = None) -> list[Hit]:
        """Return the best passages for a question, best first.

        Args:
            question: any text.
            limit: how many at most.
            mode: dense, bm25 or hybrid; by default what the bundle says.

        Raises:
            InputError: the question is empty, or `limit` is below 1.

        """
        if limit < 1:
            raise InputError(f"limit {limit}: must be at least 1.")
        ranked = self.rank(question, limit, mode)[:limit]
        return [Hit(rank=n, score=score, **self.database.passage(id_)) for n, (id_, score) in enumerate(ranked, start=1)]

    def rank(self, question: str, depth: int = ranking.DEPTH, mode: Mode | None = None) -> ranking.Ranked:
        """Return (passage id, score) for a question, best first; fusion always looks at the first 100 of each list."""
        if not question.strip():
            raise InputError("the question is empty.")
        mode = mode or self.fusion.mode
        depth = ranking.DEPTH if mode == "hybrid" else depth
        dense = self.dense(question, depth) if mode != "bm25" else []
        lexical = self.database.bm25(question, depth) if mode != "dense" else []
        if mode == "hybrid":
            return ranking.fuse(dense, lexical, self.fusion.dense_weight)
        return dense or lexical

    def dense(self, question: str, depth: int) -> ranking.Ranked:
        """Rank by the embedder alone."""
        return self.nearest(self.embed(question), depth)

    def embed(self, question: str) -> np.ndarray:
        """Return a question's vector, float32 [dims], unit length."""
        return self.embedder.embed(self.embedder.spec.prompts.ask(question))

    def nearest(self, vector: np.ndarray, depth: int) -> ranking.Ranked:
        """Rank all passages by their cosine with a question's vector, float32 [dims]."""
        return ranking.dense_int8(vector, self.database.ids, self.database.vectors, self.database.scale, depth)

    def close(self) -> None:
        """Close the database and the model."""
        self.database.close()
        self.embedder.close()

    def __enter__(self) -> Rag:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close both."""
        self.close()


def open_bundle(bundle: Path | str) -> Rag:
    """Open a bundle after checking the digests of what is opened.

    Raises:
        InputError: it is no bundle, a file was changed since the build, or model and database don't belong together.

    """
    bundle = Path(bundle)
    manifest = read_manifest(bundle)
    for name, entry in manifest.files.items():
        path = files.inside(bundle, name)
        if not path.is_file() or files.sha256(path) != entry.sha256:
            raise InputError(f"{path}: not the file that was built (its SHA-256 differs). Run `pocketrag verify {bundle}`.")
    _check_own_id(bundle, manifest)
    return Rag(bundle, manifest.embedder, bundle / DATABASE, manifest.fusion, manifest.model_id)


def _check_own_id(bundle: Path, manifest: Manifest) -> None:
    # Equal names in manifest and database prove nothing if the model beside them is another one.
    if lacking := [name for name in (MODEL, DATABASE) if name not in manifest.files]:
        raise InputError(f"{bundle}: its manifest does not list {lacking[0]}. Run `pocketrag verify {bundle}`.")
    own = model_id_of(manifest.name, manifest.version, manifest.embedder.quantization, manifest.files[MODEL].sha256)
    if manifest.model_id != own:
        raise InputError(f"{bundle / MODEL}: is {own!r}, but manifest and database name {manifest.model_id!r}. Build it again.")
