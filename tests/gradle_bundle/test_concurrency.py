"""Calls from many threads, cancelled calls, and a holder's life: nothing blocks the caller, nothing stays open, no answer is wrong."""

import pytest

import pocketrag
from tests.gradle_bundle import jvm
from tests.gradle_bundle.test_bad_bundles import golden_task

pytestmark = pytest.mark.usefixtures("kotlin")

QUESTIONS = ("what moves if king 0 ?", "what falls if queen 1 ?", "when may the rook 3 wait ?")
TIMES = 200


@pytest.fixture
def task(tiny_bundle):
    """What answers `QUESTIONS`, and the golden texts besides."""
    golden = golden_task(tiny_bundle)
    with pocketrag.open(tiny_bundle) as rag:
        asked = jvm.vectors(rag, QUESTIONS)["vectors"]
    requests = [{"question": question} for question in QUESTIONS]
    return {"folders": [tiny_bundle], "vectors": golden["vectors"] + asked, "requests": requests}


@pytest.fixture
def wanted(tiny_bundle):
    """The ids that the desktop finds for each of `QUESTIONS`."""
    with pocketrag.open(tiny_bundle) as rag:
        return [[hit.id for hit in rag.search(question).hits] for question in QUESTIONS]


def ids(answer):
    return [hit["id"] for hit in answer["hits"]]


def test_nothing_blocks_the_calling_thread(task):
    """On a thread that reads no file, runs no model, waits for no monitor: opening, every call, a cancelled one, and closing."""
    (found,) = jvm.run(("unblocked", {**task, "slow": 30}))
    assert found["blocked"] == 0 and not found["open"]
    # Of the processor: neither tokenizing nor ranking is done there.
    assert found["millis"] < 30


def test_50_searches_at_once_and_closing_while_they_wait(task, wanted):
    (found,) = jvm.run(("many", {**task, "slow": 2}))
    assert [ids(answer) for answer in found["answers"]] == [wanted[n % 3] for n in range(50)]
    assert set(found["ends"]) <= {"", "RagClosedException"} and "RagClosedException" in found["ends"]
    assert found["late"] == "RagClosedException" and not found["open"]


def test_who_is_cancelled_in_the_queue_waits_for_nobody(task, wanted):
    (found,) = jvm.run(("impatient", {**task, "slow": 400}))
    assert found["first"] == "runs" and found["millis"] < 200
    # What nobody waits for is not done.
    assert ids(found["answer"]) == wanted[0] and found["work"] == found["work of one"] and not found["open"]


def test_200_times_opened_and_closed(task):
    (found,) = jvm.run(("cycles", {**task, "times": TIMES}))
    assert len(found["answers"]) == 3 and not found["open"]
    assert found["threads"] == 0 and found["opened"] == 2 * TIMES


def test_cancelled_at_every_moment(task, wanted):
    (rows,) = jvm.run(("cancelled", {**task, "requests": task["requests"][:2]}))
    assert len(rows) > 55 and all(row.get("cancelled") for row in rows[:-1])
    for row in rows:
        assert not row["open"] and ids(row["again"][0]) == wanted[0], row["at"]


def test_callers_that_fill_a_dispatcher_and_one_that_closes_what_it_is_lent(task, wanted):
    (found,) = jvm.run(("crowded", {**task, "requests": task["requests"][:1], "slow": 20}))
    answer = " ".join(wanted[0])
    assert found["answers"] == [answer] == [found["after it was closed"]]
    assert found["openings"] == 2 and found["closed"]


def test_a_holder_opens_once_closes_under_pressure_and_opens_again(task, wanted):
    (found,) = jvm.run(("held", {**task, "requests": task["requests"][:1], "slow": 5}))
    answer = " ".join(wanted[0])
    assert found["answers"] == [answer] and not found["open before"] and found["open"]
    assert found["openings"] == 1 and found["after hidden"]
    for level in (40, 15):
        assert found[f"closed at {level}"] and found[f"again after {level}"] == answer
    assert found["openings at last"] == 3
    assert found["used"] == found["joined"] == answer and found["openings while used"] == 3
    assert found["closed after use"] and found["listeners"] == 0
    assert found["after a cancelled caller"] == answer and found["its openings"] == 1 and found["all closed"]
    assert found["broken"] == "MissingBundleException" and found["mended"] == answer
    assert found["waiting"] == found["late"] == "RagClosedException" and found["closed while opening"]
