"""What students learn from: distinct texts, and never a question that measures."""

import json

import pytest
from pocketrag.training.students.texts import measuring, sentences, spans, texts_of

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.data.near_duplicates import SAME_QUESTION, resemblance
from pocketrag.formats.split import Split
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import make_data, make_recipe, write_jsonl


@pytest.fixture
def folder(tmp_path):
    return make_data(tmp_path)


def read(folder, extra=""):
    return read_recipe(make_recipe(folder, folder, extra=f"[teacher]\n{extra}"))


def split_of(recipe):
    passages, questions, qrels = recipe.data.judged()
    return Split(passages, passages, [], [], questions, qrels)


def test_every_kind_is_there_and_nothing_twice(folder):
    words = [a + b + c for a in "bdfg" for b in "aeiou" for c in "klmn"]
    unjudged = [{"_id": f"u{n}", "text": f"{words[n]} {words[-n]} {words[n // 2]}"} for n in range(40)]
    write_jsonl(folder / "unjudged.jsonl", unjudged)
    recipe = read(folder, "spans = 500\nwords = 300")
    recipe = recipe.model_copy(
        update={"data": recipe.data.model_copy(update={"unjudged": folder / "unjudged.jsonl"})}
    )
    found = texts_of(recipe, split_of(recipe))
    assert {one.kind for one in found} == {"question", "title", "sentence", "span", "word"}
    folded = [one.text.casefold() for one in found]
    assert len(set(folded)) == len(folded)


def test_no_question_that_measures_nor_its_like(folder):
    questions = [json.loads(line)["text"] for line in (folder / "queries.jsonl").read_text().splitlines()]
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    rows[0]["text"] = f"{questions[0]}\n{questions[1]} Indeed.\nsomething else altogether"
    write_jsonl(folder / "corpus.jsonl", rows)
    recipe = read(folder, "spans = 700\nwords = 300")
    split = split_of(recipe)
    found = {one.text for one in texts_of(recipe, split)}
    assert "something else altogether" in found and not found & set(questions)
    held = measuring(recipe, split)
    assert set(questions) <= set(held)
    assert all(resemblance(text, other) < SAME_QUESTION for text in found for other in held[:20])


def test_other_spellings_and_quotations_of_a_question_that_measures(folder):
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    rows[0]["text"] = "Où l’élève dépose-t-il sa pièce ?"
    write_jsonl(folder / "queries.jsonl", rows)
    leaks = [
        "Ou l’eleve depose-t-il sa piece ?",
        "Où l’\u200bélève dépose-\u200dt-il sa pièce ?",
        "Ｏù l’élève dépose-t-il sa pièce ?",
        "On demande souvent dans les salles : Où l’élève dépose-t-il sa pièce ? La réponse se trouve au tableau.",
    ]
    write_jsonl(
        folder / "unjudged.jsonl", [{"_id": f"u{n}", "text": text} for n, text in enumerate(leaks * 2)]
    )
    recipe = read(folder, "spans = 700\nwords = 300")
    data = recipe.data.model_copy(update={"unjudged": folder / "unjudged.jsonl"})
    found = texts_of(recipe.model_copy(update={"data": data}), split_of(recipe))
    assert not {one.text for one in found} & set(leaks)


def test_too_few_say_how_many_do(folder):
    recipe = read(folder, "words = 0")
    with pytest.raises(InputError, match=r"140 texts to learn.*500 are needed, and 4,000 do well.*unjudged"):
        texts_of(recipe, split_of(recipe))


def test_a_language_without_words_is_named(folder):
    recipe = read(folder, 'languages = ["en", "tlh"]')
    with pytest.raises(InputError, match=r"`teacher.languages`.*'tlh'"):
        texts_of(recipe, split_of(recipe))


def test_sentences_are_about_as_long_as_a_question():
    long = "word " * 60
    passage = Passage("a", "t", f"Short. The clock is stopped by the arbiter. {long}\nThe flag has fallen!")
    assert sentences([passage, passage]) == ["The clock is stopped by the arbiter.", "The flag has fallen!"]


def test_spans_are_the_same_every_time():
    passages = [Passage("a", "", " ".join(map(str, range(100)))), Passage("b", "", "one two")]
    found = spans(passages, 50)
    assert found == spans(passages, 50) and len(found) == 50
    assert all(span in passages[0].text or span == "one two" for span in found)
    assert spans([], 5) == []
