import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pocketrag.formats.prompts import Prompts, defaults, strangers
from pocketrag.formats.spelling import spell

GEMMA = {"query": "task: search result | query: ", "document": "title: none | text: "}


def test_gemma_defaults_put_the_title_in_its_place():
    prompts = defaults(GEMMA)
    assert prompts.ask("Who?") == "task: search result | query: Who?"
    assert prompts.passage("Clocks", "Stop them.") == "title: Clocks | text: Stop them."
    assert prompts.passage("", "Stop them.") == "title: none | text: Stop them."


def test_without_prompts_title_and_text_stand_alone():
    prompts = defaults({})
    assert prompts.ask("Who?") == "Who?"
    assert prompts.passage("Clocks", "Stop.") == "Clocks Stop." and prompts.passage("", "Stop.") == "Stop."


@given(st.text(min_size=1))
def test_braces_in_texts_are_text(text):
    assert Prompts(query="q: {question}").ask(text) == f"q: {spell(text)}".strip()
    assert Prompts(document="{title}|{text}").passage("{text}", "body") == "{text}|body"


@pytest.mark.parametrize(
    "values", [{"query": "x"}, {"query": "{question} {text}"}, {"document": "{title}"}, {"other": "x"}]
)
def test_templates_without_their_fields_are_refused(values):
    with pytest.raises(ValidationError):
        Prompts(**values)


@pytest.mark.parametrize(
    ("prompts", "query", "document"),
    [
        ({"search_query": "q: ", "search_document": "d: "}, "q: {question}", "d: {title} {text}"),
        ({"s2p_query": "find: ", "s2s_query": "same: "}, "find: {question}", "{title} {text}"),
        ({"retrieval.query": "q ", "retrieval.passage": "p "}, "q {question}", "p {title} {text}"),
        ({"query": "", "web_search_query": "w: "}, "w: {question}", "{title} {text}"),
    ],
)
def test_prompts_of_other_names_are_taken(prompts, query, document):
    found = defaults(prompts)
    assert (found.query, found.document) == (query, document) and not strangers(prompts)


def test_prompts_of_names_that_say_nothing_of_questions():
    assert strangers({"STS": "same: ", "none": ""}) == {"STS": "same: "} and strangers({}) == {}
