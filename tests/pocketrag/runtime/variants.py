"""Bundles made from the tiny one: with other passages, in the name of another corpus, with a model that can't be opened."""

import shutil

from pocketrag.export.database.write import write_database

from pocketrag.formats.manifest import read_manifest
from pocketrag.runtime.database import Database
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.words import count_words, stemmer, with_stems
from tests.bench.damage import put_digests_right, rename_bundle, rename_model

UNREADABLE = b"no flatbuffer that LiteRT could open"


def with_passages(bundle, folder, passages, name="tiny", language=None, others=(), also=()):
    """A copy of a bundle in which other passages lie, embedded by its own model."""
    copy = shutil.copytree(bundle, folder)
    spec = read_manifest(copy).embedder
    model = LiteRtEmbedder(copy, spec)
    vectors = model.embed_many([spec.prompts.passage(p.title, p.text) for p in passages])
    model.close()
    before = Database(copy / "corpus.db")
    metadata = before.metadata
    before.close()
    (copy / "corpus.db").unlink()
    words = with_stems(passages, stemmer(language), others) if language else count_words(passages)
    write_database(copy / "corpus.db", passages, vectors, words, metadata, also)
    return rename_bundle(copy, name)


def without_model(bundle, folder):
    """A copy whose model file is whole by every digest, and no model."""
    copy = shutil.copytree(bundle, folder)
    (copy / "embedder.tflite").write_bytes(UNREADABLE)
    rename_model(copy)
    put_digests_right(copy)
    return copy
