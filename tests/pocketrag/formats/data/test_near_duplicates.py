"""The near-duplicate measure: a plain definition, and an index that must agree with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats.data.near_duplicates import (
    SAME_PASSAGE,
    SAME_QUESTION,
    Near,
    containment,
    grams,
    plain,
    resemblance,
)

TEXT = st.text(alphabet="abcdé '?\n", max_size=40)


@given(TEXT, TEXT)
def test_both_measures_are_symmetric_shares(a, b):
    for measure in (resemblance, containment):
        assert measure(a, b) == measure(b, a) and 0 <= measure(a, b) <= 1 and measure(a, a) == 1
    assert resemblance(a, b) <= containment(a, b)


@given(TEXT, st.text(alphabet="xyz", max_size=5))
def test_case_and_white_space_don_t_count(a, tail):
    assert grams(a) == grams(f"  {a.upper()}\n".replace(" ", "  ")) or a.upper().casefold() != a.casefold()
    assert containment(a, f"{a} {tail}") >= (len(grams(a)) - 5) / len(grams(f"{a} {tail}"))


def test_accents_width_and_what_nobody_sees_don_t_count():
    assert plain("L’ÉTÉ\u200b, ｃａｆé ½") == plain("l’ete, café 1⁄2") == "l’ete, cafe 1⁄2"
    assert plain("ที่นี่") != plain("ทนน")  # marks of other scripts are vowels


@given(st.lists(TEXT, max_size=12), TEXT)
def test_the_index_agrees_with_comparing_one_by_one(texts, asked):
    near = Near(texts)
    assert near.resemblances(asked) == pytest.approx(np.array([resemblance(asked, text) for text in texts]))
    assert near.containments(asked) == pytest.approx(np.array([containment(asked, text) for text in texts]))


def test_a_short_question_in_a_long_passage_repeats_nothing():
    question = "Where is the stop?"
    passage = f"Night buses run every twenty minutes. {question} Beside the mill, opposite the customs house."
    assert (
        containment(question, passage) < SAME_PASSAGE
        and Near([passage]).containments(question) < SAME_PASSAGE
    )
    assert containment(question, "where is  the STOP?") == 1
    assert containment("Where is the stop?", "Where is the shop?") < SAME_PASSAGE


def test_what_the_limits_tell_apart():
    kept = "Quel est le délai pour conserver une copie du rapport technique après la fin d'un tournoi ?"
    assert (
        resemblance(kept, kept.replace("Quel est le délai pour", "Combien de temps faut-il")) >= SAME_QUESTION
    )
    assert resemblance("Quelle est la durée d'une ronde ?", "Quel est le rôle de l'arbitre ?") < SAME_QUESTION
    rule = "Les blancs jouent le premier coup, puis les joueurs jouent à tour de rôle. "
    assert containment(rule, "## 1.1 " + rule + "La partie finit par le mat.") >= SAME_PASSAGE
    assert (
        containment(rule, "Les noirs proposent la nulle, puis les joueurs signent la feuille de partie.")
        < SAME_PASSAGE
    )
