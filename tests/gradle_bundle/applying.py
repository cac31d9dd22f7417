"""How long the Kotlin runtime takes to apply a delta on the JVM: `python -m tests.gradle_bundle.applying BUNDLE CORPUS [MEGABYTES]`.

BUNDLE gives all files but model and database. CORPUS is a `corpus.jsonl`; its passages get random unit vectors of 768 dims, and 1 % of them another text and vector. MEGABYTES is the size
of the model, random bytes that stay (85 by default, 0 for the passages alone). Each time is a process of its own with a heap of
`HEAP`, from the first byte of the delta that is read to the last file that is synced: signature, digests and copies are in it, the golden
texts are not. The files are in the system's cache.
"""

import json
import os
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from pocketrag.export.database.write import write_database

from pocketrag.console import table
from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.words import count_words
from pocketrag.versions.delta import delta
from pocketrag.versions.key import key
from tests.gradle_bundle import built, toolchain

REPEATS, HEAP, DIMS = 7, "16m", 768


def passages(corpus: Path) -> list[Passage]:
    """Read a corpus."""
    rows = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
    return [Passage(row["_id"], row.get("title", ""), row["text"], row.get("metadata", {})) for row in rows]


def bundle(like: Path, to: Path, version: str, rows: list[Passage], vectors: np.ndarray) -> Path:
    """Write a bundle of these passages with the other files of another one."""
    to.mkdir()
    for file in like.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    (to / "corpus.db").unlink()
    manifest = files.read_json(to / "manifest.json")
    write_database(
        to / "corpus.db", rows, vectors, count_words(rows), {"model_id": "m", "prompt_document": "p"}, []
    )
    manifest.update(
        version=version, model_id=manifest["model_id"].replace(f"-{manifest['version']}-", f"-{version}-", 1)
    )
    for name in manifest["files"]:
        manifest["files"][name] = {"bytes": (to / name).stat().st_size, "sha256": files.sha256(to / name)}
    own = manifest["files"]["embedder.tflite"]["sha256"][:12]
    manifest["model_id"] = f"{manifest['model_id'].rsplit('-', 1)[0]}-{own}"
    (to / "manifest.json").write_text(files.to_json(manifest), "utf-8")
    (to / "SHA256SUMS").unlink()
    (to / "SHA256SUMS").write_text(files.sums_text(files.digests(to)), "utf-8")
    return to


def versions(like: Path, corpus: Path, folder: Path) -> tuple[Path, Path]:
    """Write two versions, of which every hundredth passage differs."""
    rows, chance = passages(corpus), np.random.default_rng(0)
    vectors = chance.normal(size=(len(rows), DIMS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    old = bundle(like, folder / "old", "0.1", rows, vectors)
    changed, others = list(rows), vectors.copy()
    for n in range(0, len(rows), 100):
        changed[n] = replace(rows[n], text=f"{rows[n].text} Cette règle a changé.")
        others[n] = np.roll(vectors[n], 1)
    return old, bundle(like, folder / "new", "0.2", changed, others)


def times(old: Path, file: Path, public: str, folder: Path, memory: str) -> list[float]:
    """Return seconds, each of a process of its own."""
    classpath = [built.runtime(), *toolchain.libraries()]
    jar = toolchain.compile([built.HERE / "kotlin" / "Apply.kt"], classpath, options=built.friend())
    rows = []
    for n in range(REPEATS):
        arguments = [public, str(file), str(old), str(folder / f"made{n}")]
        done = toolchain.run(
            jar, "dev.pocketrag.check.ApplyKt", arguments, classpath=classpath, memory=memory
        )
        rows.append(int(done.stdout) / 1e9)
    return rows


def main(arguments: list[str]) -> None:
    """Print a table."""
    like, corpus = Path(arguments[0]), Path(arguments[1])
    megabytes = int(arguments[2]) if len(arguments) > 2 else 85
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "like"
        source.mkdir()
        for file in like.iterdir():
            (source / file.name).write_bytes(file.read_bytes())
        if megabytes:
            (source / "embedder.tflite").write_bytes(os.urandom(megabytes * 10**6))
        old, new = versions(source, corpus, folder)
        made = key(str(folder / "key.pem"))
        file = folder / "update.ragdelta"
        delta(str(old), str(new), key=made.file, out=str(file))
        found = times(old, file, made.public, folder, HEAP)
        size, whole = file.stat().st_size, (old / "corpus.db").stat().st_size
        title = (
            f"delta of {size:,} bytes, {size / whole:.1%} of corpus.db; heap {HEAP}; n = {REPEATS} processes"
        )
        shown = [(f"{megabytes} MB", *(f"{figure(found):.2f}" for figure in (statistics.median, min, max)))]
        table(title, ("model", "s, median", "fastest", "slowest"), shown)


if __name__ == "__main__":
    main(sys.argv[1:])
