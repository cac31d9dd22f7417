"""Open bundles and search them as the phone does: LiteRT, SQLite and the tokenizer, never torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked, embeds_with
from pocketrag.formats.bundle_encoder import Encoder, Fusion
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.facts.search import Block
from pocketrag.formats.layout import DATABASE, MAIN, ROLES, Role
from pocketrag.formats.tokenizer import Tokenize, load_tokenizer

from . import ranking
from .answer import Answer, Hit, Made
from .context import context
from .corpora import Corpus, find_passage, merge, open_corpus, why_nothing
from .database import Database
from .embedder import LiteRtEmbedder
from .encoders import Asked, Encoders, Opener, open_litert, usable
from .queries import Where
from .ranking import Ranked


class Rag:
    """The encoders of a bundle, and the databases that they search."""

    def __init__(
        self,
        folder: Path,
        encoders: Sequence[Encoder],
        databases: dict[str, tuple[Path, str]],
        *,
        start: Role = MAIN,
        lenient: bool = False,
        opener: Opener = open_litert,
        made: Made | None = None,
    ) -> None:
        """Open the databases and the encoder that is asked first; the others are opened when they are needed.

        Args:
            folder: where models and tokenizers lie.
            encoders: one at least, in the order in which they are asked.
            databases: name -> its file, and the id of the model that made its vectors.
            start: the role of the encoder that is asked first; without one of it, it is the first of all.
            lenient: go on with the next encoder, and with full text alone after the last, where the first
                can't be opened.
            opener: how a model is opened.
            made: the build, for its answers.

        Raises:
            InputError: something can't be opened, or a database belongs to another model.

        """
        self.encoders = Encoders(folder, encoders, start, opener)
        self.spec = self.encoder.embedder
        self.corpora = [
            open_corpus(name, file, model_id, self.spec.dims) for name, (file, model_id) in databases.items()
        ]
        self._folder, self._made = folder, made or Made()
        try:
            self.encoders.first.model()
        except InputError:
            if not lenient:
                raise

    @property
    def encoder(self) -> Encoder:
        """The encoder that is asked first; `spec`, `fusion`, `threshold` and `embed` are its own."""
        return self.encoders.first.encoder

    @property
    def fusion(self) -> Fusion:
        """How to search unless a search says otherwise."""
        return self.encoder.fusion

    @property
    def threshold(self) -> float | None:
        """The cosine below which the best passage is probably no answer."""
        return self.encoder.threshold

    @cached_property
    def tokenize(self) -> Tokenize:
        """The tokenizer of the encoder that is asked first.

        Raises:
            InputError: it can't be read.

        """
        return load_tokenizer(self._folder, self.spec.tokenizer)

    @property
    def database(self) -> Database:
        """The first database."""
        return self.corpora[0].database

    @property
    def embedder(self) -> LiteRtEmbedder:
        """The model of the encoder that is asked first.

        Raises:
            InputError: it could not be opened.

        """
        return self.encoders.first.model()

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
                default that of the encoder that answers.
            mode: dense, bm25 or hybrid; by default what the encoder that answers says.
            where: only passages with one of these values under each of these metadata keys, {"source":
                ["rules"]}.

        Raises:
            InputError: the question is empty, or `limit` is below 1.

        """
        (asked,) = self.encoders.ask([question], mode)
        return self._answer(question, asked, limit, threshold, where)

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
        return [
            self._answer(question, asked, limit, threshold, where)
            for question, asked in zip(questions, self.encoders.ask(questions, mode), strict=True)
        ]

    def rank(
        self, question: str, depth: int = ranking.DEPTH, mode: Mode | None = None, where: Where | None = None
    ) -> Ranked:
        """Return (passage id, score) for a question, best first, by the encoder that is asked first alone.

        Fusion always looks at the first 100 of each list.

        Raises:
            InputError: the question is empty, or the model is not there and `mode` needs it.

        """
        mode = mode or self.fusion.mode
        vector = self.embed(question) if mode != "bm25" else None
        if vector is not None and isinstance(usable(vector), str):
            mode, vector = "bm25", None  # as `search` does
        return self._lists(question, vector, depth, mode, self.fusion, where)[0]

    def dense(self, question: str, depth: int) -> Ranked:
        """Rank by vectors alone."""
        return self.nearest(self.embed(question), depth)

    def embed(self, question: str) -> np.ndarray:
        """Return a question's vector, float32 [dims], unit length."""
        return self.encoders.first.embed(question)

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
        """Close the databases and the models."""
        for corpus in self.corpora:
            corpus.database.close()
        self.encoders.close()

    def __enter__(self) -> Rag:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all."""
        self.close()

    def _answer(
        self, question: str, asked: Asked, limit: int, threshold: float | None, where: Where | None
    ) -> Answer:
        if limit < 1:
            raise InputError(f"limit {limit}: must be at least 1.")
        encoder = asked.encoder or self.encoder
        ranked, dense, lexical = self._lists(question, asked.vector, limit, asked.mode, encoder.fusion, where)
        places = [{id_: n for n, (id_, _) in enumerate(one, start=1)} for one in (dense, lexical)]
        near = dict(dense)
        hits = [
            self._hit(n, key, score, near.get(key), places)
            for n, (key, score) in enumerate(ranked[:limit], 1)
        ]
        return Answer(
            question=question,
            mode=asked.mode,
            encoder=asked.encoder.name if asked.encoder else None,
            hits=tuple(hits),
            fell_back=asked.fell_back,
            best=dense[0][1] if dense else None,
            threshold=encoder.threshold if threshold is None else threshold,
            nothing=None if hits else why_nothing(self.corpora, question, where),
            made=self._made,
        )

    def _lists(
        self,
        question: str,
        vector: np.ndarray | None,
        depth: int,
        mode: Mode,
        fusion: Fusion,
        where: Where | None,
    ) -> tuple[Ranked, Ranked, Ranked]:
        if not question.strip():
            raise InputError("the question is empty.")
        depth = ranking.DEPTH if mode == "hybrid" else depth
        dense = self.nearest(vector, depth, where) if mode != "bm25" and vector is not None else []
        lexical = self.bm25(question, depth, where) if mode != "dense" else []
        if mode == "hybrid":
            return ranking.FUSIONS[fusion.fusion](dense, lexical, fusion.dense_weight), dense, lexical
        return dense or lexical, dense, lexical

    def _hit(
        self, rank: int, key: str, score: float, cosine: float | None, places: list[dict[str, int]]
    ) -> Hit:
        corpus, row = find_passage(self.corpora, key)
        dense, lexical = (found.get(key) for found in places)
        return Hit(rank, score, cosine, dense, lexical, corpus.name, **row)


def open_bundle(bundle: Path | str, *more: Path | str, start: Role = MAIN) -> Rag:
    """Open a bundle after checking the digests of what is opened.

    More bundles of the same model are searched with it.

    The first bundle's encoders embed, and their fusion and thresholds hold. Where LiteRT can't open one, or
    it fails, the next answers, and full text alone after the last; every answer says so.

    Args:
        bundle: its folder.
        more: folders of bundles whose main encoder is the same.
        start: the role of the encoder that is asked first, "main" or "fallback"; a bundle without a fallback
            starts at its main encoder.

    Raises:
        InputError: one is not a bundle, a file was changed since the build, model and database don't belong
            together, two bundles have one name, their models differ, or there is no such role.

    """
    if start not in ROLES:
        raise InputError(f"start {start!r}: must be one of {', '.join(ROLES)}.")
    folders = [Path(folder) for folder in (bundle, *more)]
    manifests = [checked(folder) for folder in folders]
    first = manifests[0]
    for folder, manifest in zip(folders[1:], manifests[1:], strict=True):
        if embeds_with(manifest) != embeds_with(first):
            raise InputError(f"{folder}: made by another model than {folders[0]}. Build both with one.")
    databases = {
        m.name: (folder / DATABASE, m.vectors_model_id) for folder, m in zip(folders, manifests, strict=True)
    }
    if len(databases) < len(folders):
        raise InputError(f"{', '.join(map(str, folders))}: two bundles have one name. Give each its own.")
    made = Made(first.version, first.model_id)
    return Rag(folders[0], first.encoders, databases, start=start, lenient=True, made=made)
