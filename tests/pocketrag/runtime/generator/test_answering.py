"""From a question to what is shown, with an engine that writes what a test says."""

import pytest

import pocketrag
from pocketrag.errors import InputError
from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.answering import Generator, answer
from pocketrag.runtime.generator.budget import CUT, fitting
from pocketrag.runtime.generator.prompt import messages
from pocketrag.runtime.generator.quotes import quotes
from tests.pocketrag.runtime.generator.scripted import Scripted

QUESTION = "what moves if king 0 meets rook ?"


@pytest.fixture
def rag(tiny_bundle):
    with pocketrag.open(tiny_bundle) as opened:
        yield opened


def answered(rag, *parts, threshold=None, budget=300, **how):
    engine = Scripted(*parts, **how)
    told = []
    facts = answer(
        rag, QUESTION, Generator(engine, GeneratorPrompt(), budget), on_text=told.append, threshold=threshold
    )
    assert told == list(parts)[: len(told)]
    return facts, engine


def test_an_answer(rag):
    blocks = fitting(rag, rag.search(QUESTION, 10), 300)
    quote = blocks[0].text[:20].strip()
    facts, engine = answered(rag, "It ", f'"{quote}"', " [1].")
    assert facts.outcome == "answer" and facts.text == f'It "{quote}" [1].' and facts.why is None
    assert (
        facts.citations == (1,)
        and facts.quotes == ()
        and facts.tokens
        and facts.first_token_seconds is not None
    )
    assert [one.number for one in facts.sources] == list(range(1, len(blocks) + 1))
    assert engine.prompts == [messages(GeneratorPrompt(), QUESTION, [(b.title, b.text) for b in blocks])]
    assert engine.ended == 1


@pytest.mark.parametrize(
    ("parts", "how", "why"),
    [
        (['"made up" [1]'], {}, "does not stand in"),
        (["Yes."], {}, "names no passage"),
        ([], {}, "wrote nothing"),
        (["half"], {"failing": "the prompt has 5 tokens, and the model takes 4"}, "takes 4"),
    ],
)
def test_what_does_not_hold_falls_back_to_the_passages(rag, parts, how, why):
    facts, _ = answered(rag, *parts, **how)
    wanted = quotes(QUESTION, [(one.title, one.text) for one in facts.sources])
    assert facts.outcome == "quotes" and why in facts.why and list(facts.quotes) == wanted and wanted
    assert facts.generated == "".join(parts) and facts.text == "\n".join(
        f'"{q.text}" [{q.number}]' for q in wanted
    )


def test_the_models_refusal(rag):
    facts, _ = answered(rag, "The passages do not say.")
    assert facts.outcome == "refused" and facts.text == "The passages do not say." and facts.sources


def test_nothing_is_generated_below_the_threshold(rag):
    facts, engine = answered(rag, "x", threshold=2.0)
    assert (
        facts.outcome == "abstained" and "below 2.000" in facts.why and not engine.prompts and facts.sources
    )


def test_without_a_generator_the_passages_are_quoted(rag):
    facts = answer(rag, QUESTION, None)
    assert facts.outcome == "quotes" and facts.why is None and facts.quotes and facts.generated is None


def test_an_empty_question_is_refused(rag):
    with pytest.raises(InputError, match="empty"):
        answer(rag, " ", None)


def test_a_passage_is_whole_or_left_out(rag):
    found = rag.search(QUESTION, 10)
    texts = {hit.text for hit in found}
    for budget in (30, 60, 100, 200):
        blocks = fitting(rag, found, budget)
        assert sum(block.tokens for block in blocks) <= budget
        assert CUT in blocks[0].text or all(set(block.text.split("\n\n")) & texts for block in blocks)


def test_where_none_fits_the_first_is_cut_at_a_word_and_marked(rag):
    found = rag.search(QUESTION, 10)
    whole = len(rag.tokenize(f"{found[0].title}\n{found[0].text}"))
    least = min(len(rag.tokenize(f"{hit.title}\n{hit.text}")) for hit in found)
    seen = set()
    for budget in range(8, min(whole, least)):
        (block,) = fitting(rag, found, budget)
        kept = block.text.removesuffix(CUT)
        assert block.text.endswith(CUT) and found[0].text.startswith(kept) and block.tokens <= budget
        assert len(rag.tokenize(f"{block.title}\n{block.text}")) == block.tokens
        seen.add(kept in found[0].text and found[0].text[len(kept)].isspace())
    assert True in seen
