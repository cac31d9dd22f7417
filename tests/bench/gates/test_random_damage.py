"""200 databases damaged by chance: refused by their digest; and with digests put right, seen by a gate or harmless."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.conftest import ROOT

SEEDS, PROCESSES = 200, 2


@pytest.fixture(scope="module")
def rows(tiny_built, tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("damage"), []
    for n in range(PROCESSES):
        first, last = n * SEEDS // PROCESSES, (n + 1) * SEEDS // PROCESSES
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.gates.random_damage", str(tiny_built / "out" / "tiny"), str(folder / f"{n}"), str(first), str(last)],
            cwd=ROOT, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        found += [json.loads(line) for line in done.stdout.splitlines()]
        # Neither a signal nor an error other than InputError.
        assert done.returncode == 0, (found[-1:], done.returncode, done.stderr[-2000:])
    return found


def test_all_were_tried(rows):
    assert [row["seed"] for row in rows] == list(range(SEEDS)) and all(
        row["changed"] for row in rows if row["kind"] in ("flip", "cut")
    )
    assert {row["kind"] for row in rows} == {"flip", "zero", "swap", "cut"}


def test_every_one_is_refused_by_its_digest(rows):
    assert not [
        row
        for row in rows
        if row["changed"] and "corpus.db: not the file that was built" not in str(row["by_digest"])
    ]


def test_no_wrong_answer_goes_unseen(rows):
    assert not [row for row in rows if not row["gates"] and (row["refused"] or not row["right"])]


def test_the_damage_was_worth_trying(rows):
    found = Counter(
        "opens" if "opens" in row["gates"] else "gate" if row["gates"] else "harmless" for row in rows
    )
    assert min(found["opens"], found["gate"]) >= 40, found
    # Wrong answers that only the gates keep from the app.
    assert sum(not row["right"] and not row["refused"] for row in rows) >= 10
