"""Run the Kotlin runtime on the JVM: tasks in, JSON out (harness/Main.kt), and what it is given in place of LiteRT."""

import json

from pocketrag.formats.golden import pack
from pocketrag.formats.tokenizer import fit
from tests.gradle_bundle import built, toolchain


def run(*tasks):
    """Return what each (name, task) gives."""
    return json.loads(written(tasks, [built.harness(), built.runtime()]))


def written(tasks, jars):
    """Return the bytes that the harness of these jars writes for tasks."""
    given = json.dumps([[name, task] for name, task in tasks], default=str).encode()
    main, *more = jars
    more += [*toolchain.libraries(), *toolchain.jars("sqlite")]
    return toolchain.run(
        main, "dev.pocketrag.harness.MainKt", stdin=given, classpath=more, native=["sqlite"]
    ).stdout


def vectors(rag, questions, more=()):
    """Return what the model gives for these questions and prompted texts, by padded token ids, as Python computes both."""
    lengths = rag.spec.lengths
    prompted = [*map(rag.spec.prompts.ask, questions), *more]
    rows = {
        tuple(padded(fit(rag.tokenize(text), lengths[-1]), lengths, rag.spec.tokenizer.pad))
        for text in prompted
    }
    return {
        "vectors": [[list(row), pack(rag.embedder.embed_ids(list(row), len(row)))] for row in sorted(rows)]
    }


def padded(ids, lengths, pad=0):
    """Return the ids with padding up to the shortest length that holds them."""
    return ids + [pad] * (next(size for size in lengths if size >= len(ids)) - len(ids))
