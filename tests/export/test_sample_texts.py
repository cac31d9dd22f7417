"""The texts that prove and calibrate a model."""

import pytest
from pocketrag.export.sample_texts import PROOF, QUESTIONS, SCRIPTS, calibration, token_rows

from pocketrag.formats.data.beir import read_questions
from pocketrag.formats.prompts import Prompts
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference.float_vectors import SAMPLE, agreement_questions, other_questions
from tests.conftest import make_recipe, write_jsonl


def tokenize(text: str) -> list[int]:
    return [2, *(10 + ord(letter) % 80 for letter in text), 1]


@pytest.mark.parametrize("lengths", [(16, 32), (32, 64, 128, 256), (8, 2048)])
def test_proof_texts_fill_every_length_from_end_to_end(data, tiny_bert, lengths):
    recipe = read_recipe(make_recipe(data, tiny_bert))
    rows = token_rows(recipe, Prompts(), tokenize, lengths)
    counts = [len(row) for row in rows]
    assert (
        len(rows) >= PROOF
        and set(counts) >= {1, *lengths, *(length + 1 for length in lengths[:-1])}
        and max(counts) == lengths[-1]
    )
    assert all(
        row[0] == 2 and (len(row) == 1 or row[-1] == 1) and not {1, 2} & set(row[1:-1]) for row in rows
    )
    share = [sum(low < n <= high for n in counts) for low, high in zip((0, *lengths), lengths, strict=False)]
    assert min(share) >= PROOF // len(lengths)


def test_calibration_never_sees_the_questions_that_measure(data, tiny_bert):
    write_jsonl(data / "more.jsonl", [{"query": f"question {i} about rooks?"} for i in range(2 * SAMPLE)])
    file = make_recipe(data, tiny_bert)
    file.write_text(file.read_text().replace("[model]", 'unjudged = "more.jsonl"\n[model]'))
    recipe, prompts = read_recipe(file), Prompts()
    measured = agreement_questions(recipe)
    seen = {tuple(row) for row in calibration(recipe, prompts, tokenize, 4096)}
    asked = [
        text
        for text in (f"question {i} about rooks?" for i in range(2 * SAMPLE))
        if tuple(tokenize(prompts.ask(text))) in seen
    ]
    assert len(measured) == SAMPLE and len(asked) == QUESTIONS and not set(asked) & set(measured)


def test_without_unjudged_questions_no_judged_one_calibrates(data, tiny_bert):
    recipe = read_recipe(make_recipe(data, tiny_bert))
    rows = calibration(recipe, Prompts(), tokenize, 4096)
    judged = {tuple(tokenize(q.text)) for q in read_questions(recipe.data.queries)}
    assert len(rows) > 64 and not judged & {tuple(row) for row in rows}
    assert all(len(row) <= 20 and row[-1] == 1 for row in calibration(recipe, Prompts(), tokenize, 20))


def test_few_unjudged_questions_are_shared_between_measuring_and_calibrating(data, tiny_bert):
    write_jsonl(data / "more.jsonl", [{"query": f"question {i}?"} for i in range(10)])
    file = make_recipe(data, tiny_bert)
    file.write_text(file.read_text().replace("[model]", 'unjudged = "more.jsonl"\n[model]'))
    recipe = read_recipe(file)
    assert len(agreement_questions(recipe)) == len(other_questions(recipe)) == 5


def test_many_scripts_are_tried():
    assert len(SCRIPTS) >= 10 and len({ord(letter) >> 8 for text in SCRIPTS for letter in text}) >= 12
