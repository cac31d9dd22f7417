"""Titles and first sentences that stand in for questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats.data.beir import Passage
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference.stand_ins import LETTERS, MOST, WORDS, first_sentence, questions_of, stand_ins
from tests.builds import edit
from tests.conftest import make_data, make_recipe


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Article 6.11.4 counts. More follows.", "Article 6.11.4 counts."),
        ("Who asks? Nobody!", "Who asks?"),
        ("時計を止める。次へ。", "時計を止める。"),
        ("घड़ी रुकी। फिर चली।", "घड़ी रुकी।"),
        ("هل توقفت؟ نعم.", "هل توقفت؟"),
        ("A heading\nand a line", "A heading"),
        ("no end at all", "no end at all"),
    ],
)
def test_first_sentences_of_several_scripts(text, first):
    assert first_sentence(text) == first


@given(st.lists(st.tuples(st.text(max_size=20), st.text(min_size=1)), min_size=1, max_size=20))
def test_they_are_short_distinct_and_never_empty(rows):
    found = stand_ins([Passage(str(n), title, text) for n, (title, text) in enumerate(rows)])
    assert len(set(found)) == len(found) and all(text.strip() for text in found)
    assert all(len(text) <= LETTERS and len(text.split()) <= WORDS for text in found)


def test_a_large_corpus_gives_an_evenly_spread_share():
    found = stand_ins([Passage(str(n), f"title {n}", f"text {n}") for n in range(5000)])
    assert len(found) == MOST and "title 0" in found


def test_a_recipe_with_questions_asks_these(tmp_path, tiny_bert):
    recipe = make_recipe(make_data(tmp_path, passages=3), tiny_bert)
    assert questions_of(read_recipe(recipe))[0].startswith("what moves if king 0")
    edit(recipe, 'queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', "")
    assert questions_of(read_recipe(recipe))[0] == "the king 0"
