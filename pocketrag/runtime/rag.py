"""Open bundles and search them as the phone does: LiteRT, SQLite and the tokenizer, never torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked, embeds_with
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.facts.search import Block
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Fusion
from pocketrag.formats.tokenizer import load_tokenizer

from . import ranking
from .answer import Answer, Hit
from .context import context
from .corpora import Corpus, find_passage, merge, open_corpus, why_nothing
from .database import Database
from .embedder import LiteRtEmbedder
from .queries import Where
from .ranking import Ranked


class Rag:
    """An embedder and the databases that it made."""

    def __init__(
        self,
        folder: Path,
        spec: EmbedderSpec,
        databases: dict[str, tuple[Path, str]],
        fusion: Fusion,
        threshold: float | None = None,
        lenient: bool = False,
    ) -> None:
        """Open all of them.

        Args:
            folder: where model and tokenizer lie.
            spec: what they are.
            databases: name -> its file, and the model that must have made it.
            fusion: how to search unless a search says otherwise.
            threshold: the cosine below which the best passage is probably no answer.
            lenient: go on with full text alone where the model can't be opened.

        Raises:
            InputError: something can't be opened, or a database was made by another model.

        """
        self.corpora = [
            open_corpus(name, file, model_id, spec.dims) for name, (file, model_id) in databases.items()
        ]
        self.spec, self.fusion, self.threshold = spec, fusion, threshold
        self.tokenize = load_tokenizer(folder, spec.tokenizer)
        self.broken: str | None = None
        self._embedder = self._open_model(folder, lenient)

    @property
    def database(self) -> Database:
        """The first database."""
        return self.corpora[0].database

    @property
    def embedder(self) -> LiteRtEmbedder:
        """The embedder.

        Raises:
            InputError: it could not be opened.

        """
        if self._embedder is None:
            raise InputError(str(self.broken))
        return self._embedder

    def search(
        self,
        question: str,
        limit: int = 10,
        *,
        threshold: float | None = None,
        mode: Mode | None = None,
        where: Where | None = None,
    ) -> Answer:
        """Return the best passages for a question.

        Args:
            question: any text.
            limit: how many at most.
            threshold: the cosine below which the best passage is probably no answer (`Answer.abstain`); by
                default the bundle's.
            mode: dense, bm25 or hybrid; by default what the bundle says.
            where: only passages with one of these values under each of these metadata keys, {"source":
                ["rules"]}.

        Raises:
            InputError: the question is empty, or `limit` is below 1.

        """
        vector, broken = self._try_embed(question) if (mode or self.fusion.mode) != "bm25" else (None, None)
        return self._answer(question, vector, broken, limit, threshold, mode, where)

    def search_many(
        self,
        questions: Sequence[str],
        limit: int = 10,
        *,
        threshold: float | None = None,
        mode: Mode | None = None,
        where: Where | None = None,
    ) -> list[Answer]:
        """Return what `search` returns for each of many questions; they are embedded on all cores."""
        vectors: list[np.ndarray | None] = [None] * len(questions)
        broken = self.broken
        if (mode or self.fusion.mode) != "bm25" and self._embedder:
            try:
                vectors = list(self._embedder.embed_many([self.spec.prompts.ask(q) for q in questions]))
            except Exception as error:  # LiteRT raises what it likes: full text still answers
                broken = _why(error)
        return [
            self._answer(question, vector, broken, limit, threshold, mode, where)
            for question, vector in zip(questions, vectors, strict=True)
        ]

    def rank(
        self, question: str, depth: int = ranking.DEPTH, mode: Mode | None = None, where: Where | None = None
    ) -> Ranked:
        """Return (passage id, score) for a question, best first.

        Fusion always looks at the first 100 of each list.

        Raises:
            InputError: the question is empty, or the model is not there and `mode` needs it.

        """
        mode = mode or self.fusion.mode
        vector = self.embed(question) if mode != "bm25" else None
        return self._lists(question, vector, depth, mode, where)[0]

    def dense(self, question: str, depth: int) -> Ranked:
        """Rank by the embedder alone."""
        return self.nearest(self.embed(question), depth)

    def embed(self, question: str) -> np.ndarray:
        """Return a question's vector, float32 [dims], unit length."""
        return self.embedder.embed(self.spec.prompts.ask(question))

    def nearest(self, vector: np.ndarray, depth: int, where: Where | None = None) -> Ranked:
        """Rank all passages by their cosine with a question's vector, float32 [dims]."""

        def rank(corpus: Corpus) -> Ranked:
            return corpus.vectors.nearest(vector, depth, corpus.database.where(where) if where else None)

        return merge(self.corpora, rank, depth)

    def bm25(self, question: str, depth: int, where: Where | None = None) -> Ranked:
        """Rank by full text alone.

        Several corpora are merged by their scores, though each counts its own words.
        """
        return merge(self.corpora, lambda corpus: corpus.database.bm25(question, depth, where), depth)

    def context(self, answer: Answer, tokens: int) -> list[Block]:
        """Return an answer's passages with their sections or neighbours, nothing twice.

        Within so many of the embedder's tokens.
        """
        databases = {corpus.name: corpus.database for corpus in self.corpora}
        return context(answer, databases, lambda text: len(self.tokenize(text)), tokens)

    def close(self) -> None:
        """Close the databases and the model."""
        for corpus in self.corpora:
            corpus.database.close()
        if self._embedder:
            self._embedder.close()

    def __enter__(self) -> Rag:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all."""
        self.close()

    def _open_model(self, folder: Path, lenient: bool) -> LiteRtEmbedder | None:
        try:
            return LiteRtEmbedder(folder, self.spec)
        except Exception as error:
            if not lenient:
                raise
            self.broken = _why(error)
            return None

    def _try_embed(self, question: str) -> tuple[np.ndarray | None, str | None]:
        if self._embedder is None:
            return None, self.broken
        try:
            return self.embed(question), None
        except Exception as error:  # LiteRT raises what it likes: full text still answers
            return None, _why(error)

    def _answer(
        self,
        question: str,
        vector: np.ndarray | None,
        broken: str | None,
        limit: int,
        threshold: float | None,
        mode: Mode | None,
        where: Where | None,
    ) -> Answer:
        if limit < 1:
            raise InputError(f"limit {limit}: must be at least 1.")
        if vector is not None and not 0 < float(np.abs(vector).max()) < np.inf:
            vector, broken = None, _why(ValueError("it gave a vector of NaN, infinity or zeros"))
        wanted = mode or self.fusion.mode
        how: Mode = "bm25" if vector is None else wanted
        ranked, dense, lexical = self._lists(question, vector, limit, how, where)
        places = [{id_: n for n, (id_, _) in enumerate(one, start=1)} for one in (dense, lexical)]
        hits = [self._hit(n, key, score, places) for n, (key, score) in enumerate(ranked[:limit], start=1)]
        return Answer(
            question=question,
            mode=how,
            hits=tuple(hits),
            fell_back=broken if how != wanted else None,
            best=dense[0][1] if dense else None,
            threshold=self.threshold if threshold is None else threshold,
            nothing=None if hits else why_nothing(self.corpora, question, where),
        )

    def _lists(
        self, question: str, vector: np.ndarray | None, depth: int, mode: Mode, where: Where | None
    ) -> tuple[Ranked, Ranked, Ranked]:
        if not question.strip():
            raise InputError("the question is empty.")
        depth = ranking.DEPTH if mode == "hybrid" else depth
        dense = self.nearest(vector, depth, where) if mode != "bm25" and vector is not None else []
        lexical = self.bm25(question, depth, where) if mode != "dense" else []
        if mode == "hybrid":
            return (
                ranking.FUSIONS[self.fusion.fusion](dense, lexical, self.fusion.dense_weight),
                dense,
                lexical,
            )
        return dense or lexical, dense, lexical

    def _hit(self, rank: int, key: str, score: float, places: list[dict[str, int]]) -> Hit:
        corpus, row = find_passage(self.corpora, key)
        dense, lexical = (found.get(key) for found in places)
        return Hit(rank=rank, score=score, dense_rank=dense, bm25_rank=lexical, corpus=corpus.name, **row)


def open_bundle(bundle: Path | str, *more: Path | str) -> Rag:
    """Open a bundle after checking the digests of what is opened.

    More bundles of the same model are searched with it.

    The first bundle's model embeds, and its fusion and threshold hold. Where LiteRT can't open the model,
    full text alone answers, and every answer says so.

    Raises:
        InputError: one is not a bundle, a file was changed since the build, model and database don't belong
            together, two bundles have one name, or their models differ.

    """
    folders = [Path(folder) for folder in (bundle, *more)]
    manifests = [checked(folder) for folder in folders]
    first = manifests[0]
    for folder, manifest in zip(folders[1:], manifests[1:], strict=True):
        if embeds_with(manifest) != embeds_with(first):
            raise InputError(
                f"{folder}: made by another model than {folders[0]}. Build both with the same one."
            )
    databases = {
        m.name: (folder / DATABASE, m.model_id) for folder, m in zip(folders, manifests, strict=True)
    }
    if len(databases) < len(folders):
        raise InputError(
            f"{', '.join(map(str, folders))}: two bundles have one name. Give each a `name` of its own."
        )
    threshold = first.abstention.threshold if first.abstention else None
    return Rag(folders[0], first.embedder, databases, first.fusion, threshold, lenient=True)


def _why(error: Exception) -> str:
    return f"the model can't be used ({error}); full text alone answered"
