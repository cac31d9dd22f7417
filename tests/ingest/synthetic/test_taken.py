"""No question equals or nearly repeats one that people ask in the recipe, wherever it stands."""

import pytest
from pocketrag.ingest.synthetic.taken import Taken, repeats, taken_of

from pocketrag.errors import InputError
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import make_data, write_jsonl, write_qrels

ASKED = "Which arbiter may stop the clock of the {} board?"


@pytest.fixture
def recipe(tmp_path):
    make_data(tmp_path)
    places = ("first", "second", "third", "fourth", "fifth", "sixth")
    lines = [ASKED.format(place) for place in places]
    write_jsonl(tmp_path / "queries.jsonl", [{"_id": "q1", "text": lines[0]}])
    write_qrels(tmp_path / "qrels.tsv", [("q1", "p000")])
    write_jsonl(
        tmp_path / "pairs.jsonl", [{"query": "Where sleeps a bishop after lunch?", "positive_id": "p001"}]
    )
    write_jsonl(tmp_path / "unjudged.jsonl", [{"text": "Whose phone rang in the cloakroom yesterday?"}])
    write_jsonl(tmp_path / "unanswerable.jsonl", [{"text": "How much is a return ticket to Vienna?"}])
    write_jsonl(
        tmp_path / "negations.jsonl", [{"text": "May I whisper?", "negated": "May I not whisper at all?"}]
    )
    write_jsonl(tmp_path / "guard.jsonl", [{"_id": "g1", "text": "Qui nettoie la cantine du village ?"}])
    write_qrels(tmp_path / "guard.tsv", [("g1", "p000")])
    file = tmp_path / "tiny.toml"
    file.write_text("""
name = "tiny"
[data]
corpus = "corpus.jsonl"
queries = "queries.jsonl"
qrels = "qrels.tsv"
train_pairs = "pairs.jsonl"
unjudged = "unjudged.jsonl"
unanswerable = "unanswerable.jsonl"
negations = "negations.jsonl"
guard_corpus = "corpus.jsonl"
guard_queries = "guard.jsonl"
guard_qrels = "guard.tsv"
""")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "which arbiter may stop the clocks of the first board",
        "Where sleeps the bishop after lunch?",
        "Whose phone rang in a cloakroom yesterday?",
        "How much is the return ticket to Vienna?",
        "May I not whisper at all!",
        "Qui nettoie la cantine d'un village ?",
    ],
)
def test_near_ones_are_found_in_every_file(recipe, text):
    taken = taken_of(read_recipe(recipe), {"p000", "p001"})
    assert taken.by(text) and taken.by("Is there tea in the playing hall?") is None


def test_a_model_s_question_among_those_that_judge_is_refused_here_too(recipe):
    write_jsonl(
        recipe.parent / "queries.jsonl", [{"_id": "q1", "text": "Who?", "metadata": {"origin": "synthetic"}}]
    )
    with pytest.raises(InputError, match=r'queries.jsonl:1: the `origin` is "synthetic"'):
        taken_of(read_recipe(recipe), {"p000", "p001"})


def test_nothing_is_taken_where_nobody_asked():
    assert Taken([]).by("Who?") is None and repeats([]) == {}


def test_of_near_ones_the_first_stays_and_what_is_near_to_one_that_goes_may_stay():
    one, two = "Who may stop the clock now?", "Who may stop the clock then?"
    far = "How long is lunch?"
    assert repeats([one, far, two, one]) == {2: 0, 3: 0}
