"""Damages a bundle's database by chance, opens and searches it; run as a process of its own, so that a crash is seen.

python random_damage.py BUNDLE FOLDER FIRST LAST: one JSON object a seed on standard output.
"""

import json
import random
import shutil
import sys
from pathlib import Path

from pocketrag.bench.gates import computation, database
from pocketrag.bench.gates.opened import open_encoder

import pocketrag
from pocketrag.errors import InputError
from pocketrag.formats.gate import FAIL
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import put_digests_right

MODES = ("dense", "bm25", "hybrid")
#: Those that look at the database; the others look at what is not damaged here.
GATES = (database.database, computation.ranking, database.sqlite_vec)


def flip(data, pages, chance):
    # Of the bytes that are not zero: the tiny database is mostly empty pages.
    used = [place for place, byte in enumerate(data) if byte]
    for _ in range(chance.choice((1, 1, 2, 16))):
        data[chance.choice(used)] ^= 1 << chance.randrange(8)


def zero(data, pages, chance):
    page = chance.choice(pages)
    data[page] = bytes(page.stop - page.start)


def swap(data, pages, chance):
    one, other = chance.sample(pages, 2)
    data[one], data[other] = data[other], data[one]


def cut(data, pages, chance):
    del data[chance.randrange(len(data)) :]


def damaged(data, seed):
    """Return what was done, and the data after it."""
    chance, data = random.Random(seed), bytearray(data)  # noqa: S311
    size = int.from_bytes(data[16:18], "big")
    pages = [slice(start, start + size) for start in range(0, len(data), size)]
    kind = chance.choice((flip, flip, flip, flip, zero, swap, cut))
    kind(data, pages, chance)
    return kind.__name__, bytes(data)


def failing(bundle):
    """The gates that fail."""
    try:
        manifest = read_manifest(bundle)
        opened = open_encoder(bundle, manifest, manifest.main)
    except InputError:
        return ["opens"]
    found = []
    for gate in GATES:
        try:
            outcome = gate(opened).outcome
        except Exception:  # as bench.verify takes it
            outcome = FAIL
        found += [gate.__name__] if outcome == FAIL else []
    opened.rag.close()
    return found


def answers(bundle, questions):
    """What the app would be told, or the InputError; any other error is told to the test."""
    try:
        with pocketrag.open(bundle) as rag:
            return [answer for mode in MODES for answer in rag.search_many(questions, mode=mode)]
    except InputError as error:
        return str(error)


def main(source, folder, first, last):
    bundle = Path(shutil.copytree(source, folder))
    data = (bundle / "corpus.db").read_bytes()
    questions = [
        t["question"] for t in json.loads((bundle / "golden.json").read_text())["texts"] if t["question"]
    ]
    wanted = answers(bundle, questions)
    for seed in range(first, last):
        shutil.rmtree(bundle)
        shutil.copytree(source, bundle)
        kind, after = damaged(data, seed)
        (bundle / "corpus.db").write_bytes(after)
        by_digest = answers(bundle, questions[:1])
        put_digests_right(bundle)
        gates = failing(bundle)
        found = answers(bundle, questions[:4] if gates else questions)
        right = found == (
            wanted if not gates else [wanted[len(questions) * m + n] for m in range(3) for n in range(4)]
        )
        row = {
            "seed": seed,
            "kind": kind,
            "changed": after != data,
            "by_digest": by_digest,
            "gates": gates,
            "right": right,
        }
        sys.stdout.write(json.dumps({**row, "refused": isinstance(found, str)}, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
