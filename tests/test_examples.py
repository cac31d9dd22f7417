"""The sample data: read strictly, as many rows as their READMEs say."""

import re
import shutil
import subprocess

import pytest
from pocketrag.bench.answers.answer_words import gives_away, in_a_row, words

from pocketrag.formats.data import beir
from pocketrag.formats.data.exam import read_exam
from pocketrag.formats.data.near_duplicates import SAME_QUESTION, Near
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_rows_are_as_many_as_the_readme_says(name):
    folder = EXAMPLES / name
    said = {
        file: int(rows)
        for file, rows in re.findall(
            r"^\| `(\S+)` \| (\d+) \|", (folder / "README.md").read_text(), re.MULTILINE
        )
    }
    passages, questions, qrels = beir.read_judged(
        folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    )
    found = {
        "corpus.jsonl": len(passages),
        "queries.jsonl": len(questions),
        "qrels.tsv": sum(map(len, qrels.values())),
    }
    if (folder / "exam.jsonl").exists():
        found["exam.jsonl"] = len(read_exam(folder / "exam.jsonl", {p.id for p in passages}))
        found["planted.jsonl"] = len(beir.read_corpus(folder / "planted.jsonl"))
    if (folder / "unanswerable.jsonl").exists():
        found["unanswerable.jsonl"] = len(beir.read_unjudged(folder / "unanswerable.jsonl"))
    assert said == found and set(qrels) == {q.id for q in questions}


def test_the_other_world_is_another_one():
    texts = (EXAMPLES / "outside" / "corpus.jsonl").read_text() + (
        EXAMPLES / "outside" / "queries.jsonl"
    ).read_text()
    assert not re.search(r"chess|échecs|arbit|tournoi|tournament", texts, re.IGNORECASE)


def handbook():
    passages = {p.id: p for p in beir.read_corpus(EXAMPLES / "handbook" / "corpus.jsonl")}
    return passages, read_exam(EXAMPLES / "handbook" / "exam.jsonl", passages)


def test_an_exam_of_the_handbook_can_be_passed_from_its_passages():
    passages, exam = handbook()
    answerable = [one for one in exam if not one.unanswerable]
    assert len(answerable) >= 40 and len(exam) - len(answerable) >= 20
    for one in answerable:
        first = words(one.answers[0], "en")
        assert all(in_a_row(words(passages[id_].text, "en"), first) for id_ in one.passages), one.question
        # And is not given away.
        assert not any(in_a_row(words(one.question, "en"), words(answer, "en")) for answer in one.answers), (
            one.question
        )


def test_no_question_of_the_exam_stands_in_another_file():
    _, exam = handbook()
    others = [
        *beir.read_questions(EXAMPLES / "handbook" / "queries.jsonl"),
        *beir.read_unjudged(EXAMPLES / "handbook" / "unanswerable.jsonl"),
    ]
    near = Near([getattr(one, "text", one) for one in others])
    assert [one.question for one in exam if near.resemblances(one.question).max() >= SAME_QUESTION] == []


def test_what_is_planted_asks_for_what_is_forbidden_and_stands_in_no_passage():
    passages, exam = handbook()
    planted = beir.read_corpus(EXAMPLES / "handbook" / "planted.jsonl")
    forbidden = [words(one.forbidden) for one in exam if one.category == "injection"]
    assert len(forbidden) == sum(one.forbidden is not None for one in exam) == 8
    for one in planted:
        assert sum(gives_away(words(one.text), text) for text in forbidden) == 1
    for one in passages.values():
        assert not any(gives_away(words(one.text), text) for text in forbidden)
    assert not {one.id for one in planted} & passages.keys()


def test_the_recipe_of_the_exam_reads_what_its_readme_makes(tmp_path):
    shutil.copytree(EXAMPLES / "handbook", tmp_path / "examples" / "handbook")
    shutil.copytree(ROOT / "recipes", tmp_path / "recipes")
    shutil.copy(ROOT / "LICENSE", tmp_path)
    readme = (EXAMPLES / "handbook" / "README.md").read_text("utf-8")
    commands = readme.split("```sh\n")[1].split("```")[0].splitlines()
    made = [line for line in commands if not line.startswith("pocketrag ")]
    subprocess.run(["sh", "-ec", "\n".join(made)], cwd=tmp_path, check=True)
    recipe = read_recipe(tmp_path / "recipes" / "handbook_answers.toml")
    assert len(recipe.data.passages()) == 206 + 6
    assert recipe.generator.exam == tmp_path / "examples" / "handbook" / "exam.jsonl"
    assert recipe.generator.method == "none" and recipe.search.language == "en"
