"""What the sample says of an answer: as it comes, once it was checked, in its place, and of the model that is not here yet."""

import pytest

from tests.gradle_bundle.answers import said

pytestmark = pytest.mark.usefixtures("kotlin")

SEARCHING, SOURCES = ["searching"], ["sources", ["The clock", "handbook"], ["The bell"]]
MODEL = 146_000_000


def test_an_answer_comes_in_parts_and_is_shown_once_it_was_checked():
    begin, searching, sources, one, two, done = said.cards(
        SEARCHING, SOURCES, ["text", "It "], ["text", "runs [1]."], ["done", "It runs [1].", []]
    )
    assert begin == {"draft": "", "fetchable": False}
    assert searching["title"] == "Writing an answer…" and "sources" not in searching
    assert sources["sources"] == "[1] The clock (handbook)\n[2] The bell"
    assert (one["draft"], two["draft"]) == ("It ", "It runs [1].") and two["note"] == "Not checked yet."
    assert "text" not in two
    assert (done["title"], done["text"], done["draft"]) == (
        "Answer",
        "It runs [1].",
        "",
    ) and "note" not in done
    assert done["sources"] == sources["sources"]


def test_what_does_not_hold_is_quoted_with_its_numbers_and_the_reason():
    done = said.cards(
        SEARCHING,
        SOURCES,
        ["text", "No."],
        ["done", "x", [[2, "It rings."], [1, "It runs."]], "no generator"],
    )[-1]
    assert (done["title"], done["note"]) == ("The passages say", "Why: no generator.")
    assert done["text"] == "“It rings.” [2]\n“It runs.” [1]" and done["draft"] == ""


def test_a_refusal_with_and_without_the_models_words():
    one = said.cards(SEARCHING, SOURCES, ["refused", "The passages do not say.", "as the model says"])[-1]
    assert (one["title"], one["text"]) == ("The passages do not answer this", "The passages do not say.")
    other = said.cards(SEARCHING, SOURCES, ["refused", None, "below 0.4"])[-1]
    assert "text" not in other and other["note"] == "Why: below 0.4." and other["sources"]


def test_the_next_question_begins_anew():
    last = said.cards(SEARCHING, SOURCES, ["text", "Old"], ["done", "Old [1]", []], SEARCHING)[-1]
    assert last == {"title": "Writing an answer…", "draft": "", "fetchable": False}


@pytest.mark.parametrize(
    ("state", "said_of_it", "fetchable"),
    [
        (None, "language model of 146 MB", True),
        (["pending"], "comes soon", False),
        (["downloading", 23_900_000, MODEL], "23 of 146 MB", False),
        (["transferring"], "comes soon", False),
        (["confirm", MODEL], "waits for Wi-Fi to download 146 MB", False),
        (["wifi", MODEL], "waits for Wi-Fi", False),
        (["failed", "no network"], "did not come: no network.", True),
        (["canceled"], "language model of 146 MB", True),
    ],
)
def test_a_model_that_is_not_here_yet(state, said_of_it, fetchable):
    (card,) = said.cards(missing=MODEL, **({"download": state} if state else {}))
    assert said_of_it in card["download"] and card["fetchable"] == fetchable


def test_a_phone_that_can_not_carry_it_hears_nothing_of_it():
    (card,) = said.cards()
    assert "download" not in card and not card["fetchable"]
    (card,) = said.cards(missing=MODEL, download=["ready"])
    assert "download" not in card
