"""Which texts calibrate fp16, and which check it."""

import pytest
from pocketrag.export.half.fit_texts import TOKENS, calibrating, checking
from pocketrag.export.sample_texts import SCRIPTS

from pocketrag.formats.data.beir import read_questions
from pocketrag.formats.prompts import Prompts
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import make_data, make_recipe
from tests.export.test_sample_texts import tokenize


@pytest.mark.parametrize("passages", [1, 70, 400])
def test_over_three_hundred_texts_of_the_passages_calibrate(tmp_path, tiny_bert, passages):
    recipe = read_recipe(make_recipe(make_data(tmp_path, passages), tiny_bert))
    rows = calibrating(recipe, Prompts(), tokenize, 2048)
    judged = {tuple(tokenize(q.text)) for q in read_questions(recipe.data.queries)}
    assert len(rows) >= 300 and max(map(len, rows)) <= TOKENS
    assert not judged & set(map(tuple, rows)) and all(row[0] == 2 for row in rows)
    assert rows == calibrating(recipe, Prompts(), tokenize, 2048)
    assert max(map(len, calibrating(recipe, Prompts(), tokenize, 20))) == 20


@pytest.mark.parametrize("longest", [32, 256, 2048])
def test_other_texts_of_every_length_check(data, tiny_bert, longest):
    recipe = read_recipe(make_recipe(data, tiny_bert))
    rows = checking(recipe, Prompts(), tokenize, longest)
    counts = {len(row) for row in rows}
    assert len(rows) >= 40 and {1, longest} <= counts <= set(range(1, longest + 1))
    others = calibrating(recipe, Prompts(), tokenize, longest)
    assert not {tuple(row) for row in rows if len(row) > 3} & set(map(tuple, others))
    scripts = {tuple(tokenize(text)[:30]) for text in SCRIPTS}
    assert scripts <= {tuple(row[:30]) for row in rows} or longest < 31


def test_a_recipe_without_questions_is_checked_on_other_languages_alone(data, tiny_bert):
    file = make_recipe(data, tiny_bert)
    file.write_text(file.read_text().replace('queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', ""))
    assert len(checking(read_recipe(file), Prompts(), tokenize, 128)) >= 40
