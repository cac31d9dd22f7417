"""The Kotlin tokenizers on the JVM, and the desktop's beside them."""

import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pocketrag.formats.tokenizer import TokenizerSpec, load_tokenizer
from tests.gradle_bundle import built, toolchain

SOURCES = Path(__file__).parent / "kotlin"
MAIN = "dev.pocketrag.check.TokenizeKt"
Place = tuple[Path, TokenizerSpec]


def ask(verb: str, places: Sequence[Place], stdin: bytes = b"", **options) -> subprocess.CompletedProcess:
    """Run a verb of Tokenize.kt on tokenizers (folder, spec)."""
    libraries = toolchain.libraries()
    runtime = built.runtime()
    check = toolchain.compile([SOURCES / "Tokenize.kt"], [runtime], options=built.friend())
    return toolchain.run(
        check, MAIN, [verb, *map(argument, places)], stdin, classpath=[runtime, *libraries], **options
    )


def argument(place: Place) -> str:
    folder, spec = place
    return ",".join(str(value) for value in (spec.kind, folder, spec.file, spec.bos, spec.eos))


def packed(texts: Sequence[str]) -> bytes:
    """Return texts as Java takes them: UTF-16 with what is not a character in it, each with its length."""
    units = [text.encode("utf-16-be", "surrogatepass") for text in texts]
    return struct.pack(">i", len(units)) + b"".join(struct.pack(">i", len(u) // 2) + u for u in units)


def on_the_jvm(places: Sequence[Place], texts: Sequence[str]) -> list[list[list[int]]]:
    """Return the ids of each tokenizer and text."""
    numbers = np.frombuffer(ask("tokenize", places, packed(texts), memory="1g").stdout, ">i4")
    rows, at = [], 0
    for _ in range(len(places) * len(texts)):
        end = at + 1 + int(numbers[at])
        rows.append(numbers[at + 1 : end].tolist())
        at = end
    assert at == len(numbers)
    return [rows[start : start + len(texts)] for start in range(0, len(rows), len(texts))]


def mismatches(places: Sequence[Place], texts: Sequence[str]) -> list[str]:
    """Return what differs from the desktop's tokenizers: which, the text, both rows of ids."""
    found = []
    for (folder, spec), theirs in zip(places, on_the_jvm(places, texts), strict=True):
        encode = load_tokenizer(folder, spec)
        for text, ids in zip(texts, theirs, strict=True):
            if (ours := encode(text)) != ids:
                at = next(
                    (i for i, (a, b) in enumerate(zip(ours, ids, strict=False)) if a != b),
                    min(len(ours), len(ids)),
                )
                near = slice(max(at - 3, 0), at + 6)
                found.append(
                    f"{folder.name}: {text[:120]!a} ({len(text)} characters) at token {at}: {ours[near]}, Kotlin {ids[near]}"
                )
    return found
