"""The runtime on a stand-in for LiteRT: what it asks for on each accelerator, what it closes in which order, and never under a call."""

import pytest

from tests.gradle_bundle.litert_check import ON_CPU, ON_GPU, OWN, asked

pytestmark = pytest.mark.usefixtures("kotlin")


def one(bundle, accelerator, has=(), **more):
    (row,) = asked(bundle, {"accelerator": accelerator, "has": has, **more})
    return row


def used(row):
    """Return what answered the first question; no encoder stood in for another."""
    (answer,) = row["answers"]
    assert "fell_back" not in answer
    return answer["accelerator"]


@pytest.mark.parametrize(
    ("accelerator", "has", "calls", "ran"),
    [
        ("CPU", ["GPU"], [OWN, ON_CPU], "CPU"),
        ("GPU", ["GPU"], [OWN, ON_GPU], "GPU"),
        # An app without litert-gpu, or a model that the GPU can't take: the answer says what it was.
        ("GPU", [], [OWN, ON_GPU, "close environment", OWN, ON_CPU], "CPU"),
    ],
)
def test_what_is_asked_for_and_what_the_answer_says(tiny_bundle, accelerator, has, calls, ran):
    row = one(tiny_bundle, accelerator, has)
    assert row["opening"] == calls and used(row) == ran
    assert ("why" in row["answers"][0]) == (ran != accelerator)
    assert row["full text"] == "none" and row["shared options untouched"]
    # Two of each length that ran: the golden texts, by which a GPU is proved, take both.
    buffers = ["close buffer"] * (4 if ran == "GPU" else 2)
    assert row["closing"] == [*buffers, "close model", "close environment"]


def test_an_environment_of_the_apps_own_is_used_and_stays_open(tiny_bundle):
    row = one(tiny_bundle, "GPU", environment=True)
    assert row["opening"] == [OWN, ON_GPU, ON_CPU]
    assert row["closing"] == ["close buffer", "close buffer", "close model"]


def test_closing_waits_for_the_call_that_runs(tiny_bundle):
    """LiteRT frees a model under a running call; here the call is finished, and those that wait are refused."""
    row = one(tiny_bundle, "CPU")
    assert not row["freed"]
    assert sorted(set(row["ends"])) == ["closed", "full"] and row["ends"].count("full") == 1


@pytest.mark.parametrize("broken", ["linkage", "memory"])
def test_a_gpu_that_fails_when_it_runs_leaves_it_to_the_cpu(tiny_bundle, broken):
    row = one(tiny_bundle, "GPU", ["GPU"], broken=broken)
    assert used(row) == "CPU"
    assert row["opening"] == [OWN, ON_GPU]
    # All of the GPU's is given back before the CPU's is made.
    closing = ["close buffer", "close buffer", "close model", "close environment"]
    at = row["calls"].index(ON_CPU)
    assert row["calls"][at - 5 : at] == [*closing, OWN] and row["closing"] == closing


def test_all_runs_are_on_one_thread(tiny_bundle):
    """A GPU's context may belong to the thread that made it."""
    assert one(tiny_bundle, "GPU", ["GPU"], idle=6000)["threads"] == 1
