"""Run the Kotlin runtime on the JVM: tasks in, JSON out (harness/Main.kt), and what it is given in place of LiteRT."""

import json
from functools import cache
from pathlib import Path

import numpy as np

from pocketrag.golden import pack
from pocketrag.tokens import clean, fit
from tests.gradle_bundle import toolchain

HERE = Path(__file__).parent
#: Everything that is Kotlin, in one go: the compiler's own start is the most of it.
SOURCES = (toolchain.RUNTIME, HERE.parents[1] / "gradle-bundle/rag-edge-sdk/src/main/kotlin", HERE / "stubs", HERE / "harness")


@cache
def jar() -> Path:
    return toolchain.compile(SOURCES, toolchain.jars("org.json", "sqlite"))


def run(*tasks):
    """Return what each (name, task) gives."""
    given = json.dumps([[name, task] for name, task in tasks], default=str).encode()
    libraries = toolchain.jars("org.json", "sqlite")
    done = toolchain.run(jar(), "dev.pocketrag.harness.MainKt", stdin=given, classpath=libraries, native=["sqlite"])
    return json.loads(done.stdout)


def given(rag, questions, more=()):
    """What the model gives for these questions, and how long the tokenizer finds their passages: as Python computed both."""
    spec = rag.spec
    prompted = {clean(text): rag.tokenize(text) for text in [*map(spec.prompts.ask, questions), *more]}
    rows = {tuple(_padded(fit(ids, spec.lengths[-1]), spec.lengths)) for ids in prompted.values()}
    vectors = [[list(row), pack(rag.embedder._model(np.array([row], np.int32)))] for row in sorted(rows)]
    return {"ids": [[text, ids] for text, ids in prompted.items()], "vectors": vectors}


def counted(rag):
    """How many tokens each passage has: what `context` asks of the tokenizer."""
    texts = [f"{row['title']}\n{row['text']}" for c in rag.corpora for row in map(c.database.passage, c.database.ids)]
    return [[clean(text), [0] * len(rag.tokenize(text))] for text in texts]


def _padded(ids, lengths):
    return ids + [0] * (next(size for size in lengths if size >= len(ids)) - len(ids))
