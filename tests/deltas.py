"""Later versions of a bundle, and signed deltas between them: for the tests of Python and of Kotlin."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import apsw
import numpy as np
from pocketrag.export.database.write import write_database

from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.manifest import MANIFEST, SUMS
from pocketrag.recipe.languages import STEMMERS
from pocketrag.runtime.words import count_words, stemmer, with_stems
from pocketrag.versions.delta import delta
from pocketrag.versions.key import key

#: Passages and their unit vectors float32 [n, dims], changed together.
Change = Callable[[list[Passage], np.ndarray], tuple[list[Passage], np.ndarray]]


@dataclass(frozen=True)
class Deltas:
    """Two versions of a bundle and what turns the first into the second."""

    old: Path
    new: Path
    delta: Path
    private: Path
    public: str
    """In base64."""
    key: str
    """The key's id."""


def make_deltas(bundle: Path, folder: Path, version: str = "0.2", change: Change | None = None) -> Deltas:
    """Put `old/`, `new/`, `key.pem` and the signed `update.ragdelta` into a folder; `bundle` stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    old = Path(shutil.copytree(bundle, folder / "old"))
    new = changed(old, folder / "new", version, change or one_text)
    made = key(str(folder / "key.pem"))
    file = folder / "update.ragdelta"
    delta(str(old), str(new), key=made.file, out=str(file))
    return Deltas(old, new, file, Path(made.file), made.public, made.id)


def changed(bundle: Path, to: Path, version: str, change: Change) -> Path:
    """Copy a bundle as its next version: the same model, other passages, written as `index` writes them.

    Its golden texts are those of before: right as long as no vector changes.
    """
    shutil.copytree(bundle, to)
    passages, vectors, metadata, also = _read(to / "corpus.db")
    passages, vectors = change(passages, vectors)
    (to / "corpus.db").unlink()
    language = metadata.get("language")
    words = (
        with_stems(passages, stemmer(language))
        if language in STEMMERS and _has_stems(bundle)
        else count_words(passages)
    )
    kept = {name: metadata[name] for name in ("model_id", "prompt_document", "language") if name in metadata}
    scale = write_database(to / "corpus.db", passages, vectors, words, kept, also)

    _seal(to, version, passages=len(passages), scale=scale)
    return to


def _seal(bundle: Path, version: str, passages: int, scale: float) -> None:
    """Say the new version wherever a bundle says it, to the byte as `build` writes, and make its digests fit."""
    manifest = files.read_json(bundle / MANIFEST)
    own = manifest["model_id"]
    new = own.replace(f"-{manifest['version']}-", f"-{version}-", 1)
    manifest.update(version=version, model_id=new)
    manifest["counts"]["passages"], manifest["vectors"]["scale"] = passages, scale
    for name in {encoder["golden"] for encoder in manifest["encoders"]}:
        file = bundle / name
        file.write_text(file.read_text("utf-8").replace(own, new), "utf-8")
    for name in manifest["files"]:
        path = bundle / name
        manifest["files"][name] = {"bytes": path.stat().st_size, "sha256": files.sha256(path)}
    (bundle / MANIFEST).write_text(files.to_json(manifest), "utf-8")
    (bundle / SUMS).unlink()
    (bundle / SUMS).write_text(files.sums_text(files.digests(bundle)), "utf-8")


def _read(file: Path):
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    metadata = dict(connection.execute("SELECT key, value FROM metadata"))
    rows = list(
        connection.execute(
            "SELECT c.id, c.title, c.text, c.metadata, v.vector FROM chunks c JOIN chunk_vectors v USING (n) ORDER BY n"
        )
    )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    passages = [Passage(id_, title, text, json.loads(more)) for id_, title, text, more, _ in rows]
    vectors = np.stack([np.frombuffer(row[-1], np.int8) for row in rows]).astype(np.float32)
    vectors *= np.float32(metadata["vector_scale"])
    also = [
        name
        for name, table in (("sqlite-vec", "chunk_vec"), ("rag-sdk", "rag_vector_store"))
        if table in tables
    ]
    return passages, vectors, metadata, also


def _has_stems(bundle: Path) -> bool:
    connection = apsw.Connection(str(bundle / "corpus.db"), flags=apsw.SQLITE_OPEN_READONLY)
    ((count,),) = connection.execute("SELECT count(*) FROM stems")
    connection.close()
    return count > 0


def one_text(passages, vectors):
    """One sentence more in one passage."""
    middle = len(passages) // 2
    old = passages[middle]
    return [
        *passages[:middle],
        replace(old, text=f"{old.text} The rule has changed."),
        *passages[middle + 1 :],
    ], vectors


def one_more(passages, vectors):
    """A passage inserted in the middle, with the vector of the one before it."""
    middle = len(passages) // 2
    new = replace(passages[middle], id="new", text="A passage that was not there before.")
    return (
        [*passages[:middle], new, *passages[middle:]],
        np.concatenate((vectors[:middle], vectors[middle : middle + 1], vectors[middle:])),
    )


def one_less(passages, vectors):
    """The second passage gone."""
    return [passages[0], *passages[2:]], np.concatenate((vectors[:1], vectors[2:]))


CHANGES = {"one text": one_text, "one more": one_more, "one less": one_less}
