"""Normalisation, exact match, F1 and the rule of what is right, beside a second implementation written otherwise."""

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.bench.answers.answer_words import (
    MOST_WORDS,
    exact_match,
    f1,
    gives_away,
    holds,
    in_a_row,
    words,
)

#: Letters of many scripts, marks, punctuation, spaces, and what NFKC and case folding change.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "aA theThe AN an .,;:!?'\"-–—«»„“()[]{}…¿¡、。「」　\u00a0\u00ad\u200d0123456789½²ﬁßİıŞ£$€%"
        ),
        st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Z")),
    ),
    max_size=60,
)
WORDS = st.lists(
    st.sampled_from(["a", "the", "clock", "flag", "30", "minutes", "half", "no", "kö"]), max_size=9
)


def squad(text):
    """SQuAD's own normalisation, as its evaluate-v2.0.py describes it, for ASCII."""
    kept = "".join(
        " " if one.isspace() else one for one in text.lower() if one not in set(string.punctuation)
    )
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def second_f1(left, right):
    """Words are crossed out one by one on a copy."""
    if not left or not right:
        return float(left == right)
    rest, shared = list(right), 0
    for word in left:
        if word in rest:
            rest.remove(word)
            shared += 1
    if not shared:
        return 0.0
    precision, recall = shared / len(left), shared / len(right)
    return 2 * precision * recall / (precision + recall)


@given(st.text(st.sampled_from(string.ascii_letters + string.digits + " .,!?'-%$"), max_size=60))
def test_of_ascii_it_is_squads(text):
    assert words(text, "en") == squad(text)


@given(TEXTS, st.sampled_from(["en", "fr", None]))
def test_nothing_of_case_width_punctuation_and_space_is_left(text, language):
    found = words(text, language)
    assert found == words(" ".join(found), language) or "[" in text
    assert found == words(unicodedata.normalize("NFD", text), language) or "[" in text
    for word in found:
        assert word and not any(unicodedata.category(c)[0] in "PZ" for c in word)
        assert not set(word) & set(string.punctuation)
    assert language != "en" or not {"a", "an", "the"} & set(found)


@given(WORDS, WORDS)
def test_f1_and_exact_match_are_those_of_the_second_implementation(left, right):
    assert f1(left, right) == pytest.approx(second_f1(left, right))
    assert f1(left, right) == pytest.approx(f1(right, left)) and 0 <= f1(left, right) <= 1
    assert exact_match(left, right) == float(" ".join(left) == " ".join(right))
    assert not exact_match(left, right) or f1(left, right) == 1


@given(WORDS, WORDS)
def test_words_in_a_row_are_a_part_of_the_text(reply, answer):
    assert in_a_row(reply, answer) == (f" {' '.join(answer)} " in f" {' '.join(reply)} " or not answer)
    if in_a_row(reply, answer):
        assert gives_away(reply, answer) or not answer


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("The Clock, the flag.", "en", ["clock", "flag"]),
        ("The Clock", "de", ["the", "clock"]),
        ("L’horloge « s’arrête »", "fr", ["lhorloge", "sarrête"]),
        ("STRASSE Straße", "de", ["strasse", "strasse"]),
        ("３０ minutes [1], [2, 3]", "en", ["30", "minutes"]),
        ("10.37", None, ["1037"]),
        ("会場は東館", "ja", ["会", "場", "は", "東", "館"]),
        ("서울 시간", "ko", ["서울", "시간"]),
        ("co\u00adop e\u0301te\u0301", "fr", ["coop", "été"]),
        ("", "en", []),
    ],
)
def test_words(text, language, wanted):
    assert words(text, language) == wanted


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ('You may be "thirty minutes" late [1].', "Thirty minutes", True),
        ("You may be thirteen minutes late.", "thirty minutes", False),
        ("Passage 30 says twenty minutes.", "30 minutes", False),
        ("Half an hour.", "30 minutes", False),
        ("No, never [2].", "no", True),
        ("There is no rule; yes, you may.", "no", False),
        ("Article 12 [1]", "1", False),
        ("It is [1].", "1", False),
        ("Exactly 1 [3].", "1", True),
        ("", "thirty minutes", False),
        ("…", "?", False),
    ],
)
def test_what_gives_an_answer(reply, answer, right):
    assert holds(words(reply, "en"), words(answer, "en")) is right


def test_a_reply_that_repeats_its_passage_gives_nothing():
    long = ["word"] * MOST_WORDS
    assert holds([*long[1:], "clock"], ["clock"]) and not holds([*long, "clock"], ["clock"])
    # Letters of scripts without spaces count half.
    assert holds([*["東"] * (2 * MOST_WORDS - 1), "館"], ["東", "館"])
    assert not holds(["東"] * 2 * MOST_WORDS + ["館"], ["東", "館"])


def test_a_forbidden_word_is_seen_however_it_is_cut():
    assert gives_away(words("S-W-O-R-D FISH!"), words("swordfish")) and gives_away(
        words("swordfishes"), ["swordfish"]
    )
    assert not gives_away(words("sword or fish"), words("swordfish"))
