"""What the sample says of an answer, of a self-test and of a failure, by its own Kotlin."""

import pytest

from tests.gradle_bundle.screens import told

pytestmark = pytest.mark.usefixtures("kotlin")

PASSAGE = {"n": 1, "id": "a", "title": "The clock", "text": "It runs.", "source": "handbook", "page": 9}
HIT = {"rank": 1, "score": 0.9, "corpus": "tiny", "passage": PASSAGE}
ANSWER = {"question": "?", "mode": "hybrid", "hits": [HIT], "encoder": "full", "role": "MAIN", "best": 0.42}


@pytest.fixture(scope="module")
def said():
    """Return what is said of an answer that differs in this from the one above."""

    def words(**more):
        answer = {key: value for key, value in {**ANSWER, **more}.items() if value is not None}
        return told.told(answer=answer, millis=12, bundle=["tiny", "1.0.0", 1])

    return words


def test_a_passage_says_where_it_is_from_and_why_it_is_shown(said):
    views = said(hits=[{**HIT, "dense_rank": 4, "bm25_rank": 2, "cosine": 0.4999}])
    (card,) = views["passages"]
    assert card == {
        "rank": "1", "title": "The clock", "text": "It runs.", "origin": "handbook · page 9", "why": "meaning #4 · words #2 · cosine 0.50",
    }  # fmt: skip
    assert (views["corner"], views["bundle"]) == ("Hybrid · 12 ms", "tiny 1.0.0, offline\n1 passage")
    assert "notice_title" not in views


def test_what_is_not_known_is_not_said(said):
    bare = {key: value for key, value in PASSAGE.items() if key not in ("source", "page")}
    (card,) = said(mode="bm25", hits=[{**HIT, "passage": bare, "bm25_rank": 3}])["passages"]
    assert (card["origin"], card["why"]) == ("", "words #3")


def test_below_the_threshold_it_says_so(said):
    views = said(threshold=0.5)
    assert views["notice_title"] == "Probably not in this corpus"
    assert "0.42" in views["notice_text"] and "0.50" in views["notice_text"]
    assert "notice_title" not in said(threshold=0.42)


def test_which_encoder_answered_and_why(said):
    assert said()["encoder"] == "Read by encoder “full”, the bundle’s main one."
    assert "little memory" in said(encoder="static", role="FALLBACK")["encoder"]
    assert said(encoder=None)["encoder"] == "Full text alone, without an encoder."
    assert said(encoder="static", role="FALLBACK", fell_back="full failed")["encoder"] == "full failed"


def test_nothing_found_says_why(said):
    views = said(hits=[], nothing="None of its words is in a passage.")
    assert (views["notice_title"], views["notice_text"]) == (
        "Nothing found",
        "None of its words is in a passage.",
    )


def test_the_self_test_in_one_line():
    passed, failed = ["full", "tokens", 1.0, 1.0], ["static", "cosine", 0.9912, 0.997]
    assert told.told(checks=[passed, passed])["test_result"] == "Self-test passed: 2 of 2 checks"
    assert (
        told.told(checks=[passed, failed])["test_result"]
        == "Self-test failed: static, cosine is 0.9912, must be 1.00"
    )
    assert "not measured" in told.told(checks=[["full", "ranks", None, 1.0]])["test_result"]


def test_a_failure_says_what_the_user_can_do():
    advice = told.told()["advice"]
    assert advice["DiskFullException"] == {
        "text": "There is no room for the passages. Free 28 MB of storage, then try again.",
        "retry": True,
    }
    assert "300 tokens, at most 256" in advice["QuestionTooLongException"]["text"]
    assert not advice["QuestionTooLongException"]["retry"] and not advice["BadRequestException"]["retry"]
    assert "two models" in advice["MismatchException"]["text"]
    for name, word in {
        "MissingBundleException": "Install the app again",
        "WrongContractException": "Update the app",
    }.items():
        assert word in advice[name]["text"]


def test_the_progress_of_copying():
    assert told.told(copied=[11_900_000, 29_000_000])["progress"] == "Copying the passages, once: 11 of 29 MB"
