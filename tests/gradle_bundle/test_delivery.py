"""The download of a pack, told by a stand-in for Play."""

import pytest

from tests.gradle_bundle import jvm

pytestmark = pytest.mark.usefixtures("kotlin")

#: AiPackStatus.
PENDING, DOWNLOADING, TRANSFERRING, COMPLETED, FAILED, CANCELED, WIFI, CONFIRM = 1, 2, 3, 4, 5, 6, 7, 9


def state(status, error=0, got=0, total=100, percent=0, name="rag_tiny"):
    return [name, status, error, got, total, percent]


def test_the_states_of_a_download():
    play = [state(PENDING), state(CONFIRM), state(DOWNLOADING, got=7, name="another"), state(DOWNLOADING, got=50), state(WIFI),
            state(TRANSFERRING, percent=30), state(0), state(COMPLETED)]  # fmt: skip
    wanted = ["Pending", "NeedsConfirmation(totalBytes=100)", "Downloading(downloadedBytes=50, totalBytes=100)",
              "WaitingForWifi(totalBytes=100)", "Transferring(percent=30)", "Ready(/packs/pocketrag/tiny)"]  # fmt: skip
    (found,) = jvm.run(("delivery", {"states": play, "place": "/packs", "size": 100}))
    assert found["states"] == wanted and found["size"] == 100 and found["source"] == "/packs/pocketrag/tiny"
    assert found["calls"] == [
        "register",
        "fetch [rag_tiny]",
        "unregister",
        "remove rag_tiny",
        "cancel [rag_tiny]",
    ]


def test_how_a_download_ends():
    place = {"place": "/packs", "states": []}
    here, failed, stopped, refused, thrown, apk, left = jvm.run(*(("delivery", {**place, **task}) for task in (
        {"here": True}, {"states": [state(FAILED, error=-10)]}, {"states": [state(CANCELED)]}, {"refused": "no Play Store"},
        {"thrown": "not allowed"},
        {"states": [state(COMPLETED)], "place": None}, {"states": [state(PENDING), state(DOWNLOADING)], "take": 1},
    )))  # fmt: skip
    assert here["states"] == ["Ready(/packs/pocketrag/tiny)"] and here["calls"][0] == "remove rag_tiny"
    assert failed["states"][0].startswith("Failed(errorCode=-10, ")
    assert stopped["states"] == ["Canceled"]
    assert refused["states"] == ["Failed(errorCode=null, reason=no Play Store)"]
    assert (
        thrown["states"] == ["Failed(errorCode=null, reason=not allowed)"] and "unregister" in thrown["calls"]
    )
    assert apk["states"][0].startswith("Failed(") and "not as files" in apk["states"][0]
    assert left["states"] == ["Pending"] and "unregister" in left["calls"]
